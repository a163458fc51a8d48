#!/bin/sh
# Makes the certificates of the tests anew, valid from 2020 to 2120. Their keys are public and protect nothing.
# What it makes is kept with the tests, because not every machine has openssl.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat > "$work/ca.cnf" <<END
[ca]
default_ca = tests
[tests]
database = $work/index.txt
new_certs_dir = $work/issued
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
END
touch "$work/index.txt"
mkdir "$work/issued"

# certificate NAME SIGNER EXTENSION...
certificate() {
  name=$1 signer=$2
  shift 2
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name-key.pem"
  for extension; do set -- "$@" -addext "$extension"; shift; done
  openssl req -new -key "$work/$name-key.pem" -subj "/CN=Holdfast test $name" "$@" -out "$work/$name.csr"
  if [ "$name" = "$signer" ]; then by=-selfsign; else by="-cert $work/$signer.pem"; fi
  openssl ca -batch -notext -config "$work/ca.cnf" -keyfile "$work/$signer-key.pem" $by \
    -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/$name.csr" -out "$work/$name.pem"
}

certificate ca ca basicConstraints=critical,CA:TRUE
certificate shop ca subjectAltName=DNS:shop.test,DNS:*.shop.test
certificate shop-renewed ca subjectAltName=DNS:shop.test,DNS:*.shop.test
certificate other ca subjectAltName=DNS:other.test
certificate endpoint ca subjectAltName=DNS:endpoint.test,DNS:localhost,IP:127.0.0.1
certificate node ca subjectAltName=DNS:node.test
certificate stranger stranger subjectAltName=DNS:shop.test,DNS:localhost,IP:127.0.0.1

rm "$work/ca-key.pem"
cp "$work"/*.pem .
