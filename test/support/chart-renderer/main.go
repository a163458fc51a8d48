// Renders a Helm chart as `helm template` does, with the libraries of which Helm is made: Go's text/template, sprig, and the
// YAML of Kubernetes. The functions that Helm adds to them are written anew here, after pkg/engine/funcs.go and engine.go of
// Helm 3. There is no cluster: `lookup` finds nothing. Charts within the chart are passed over.
//
// Requests are read from standard input as JSON, one after the other; to each an answer is written to standard output.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/xeipuuv/gojsonschema"
	"sigs.k8s.io/yaml"
)

// Request says what is to be rendered.
type Request struct {
	Chart       string                 `json:"chart"`
	Release     string                 `json:"release"`
	Namespace   string                 `json:"namespace"`
	KubeVersion string                 `json:"kubeVersion"`
	APIVersions []string               `json:"apiVersions"`
	Values      map[string]interface{} `json:"values"`
}

// Answer has the text of each template by its path in the chart, or what is wrong.
type Answer struct {
	Files  map[string]string      `json:"files,omitempty"`
	Values map[string]interface{} `json:"values,omitempty"`
	Error  string                 `json:"error,omitempty"`
}

type object = map[string]interface{}

func main() {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for requests.More() {
		var request Request
		if err := requests.Decode(&request); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answer, err := render(request)
		if err != nil {
			answer = Answer{Error: err.Error()}
		}
		if err := answers.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func render(request Request) (Answer, error) {
	chart, err := readYAML(filepath.Join(request.Chart, "Chart.yaml"))
	if err != nil {
		return Answer{}, err
	}
	defaults, err := readYAML(filepath.Join(request.Chart, "values.yaml"))
	if err != nil {
		return Answer{}, err
	}
	files, err := readFiles(request.Chart)
	if err != nil {
		return Answer{}, err
	}
	values := coalesce(request.Values, defaults)
	if err := check(values, files["values.schema.json"]); err != nil {
		return Answer{}, err
	}
	top := object{
		"Chart":        chartFields(chart),
		"Release":      releaseFields(request),
		"Capabilities": capabilitiesOf(request),
		"Files":        files,
		"Values":       values,
	}
	rendered, err := renderAll(chart["name"].(string), files, top)
	return Answer{Files: rendered, Values: values}, err
}

func readYAML(name string) (object, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	read := object{}
	if err := yaml.UnmarshalStrict(text, &read); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return read, nil
}

// chartFields names the members of Chart.yaml as templates do: apiVersion is .Chart.APIVersion.
func chartFields(chart object) object {
	fields := object{}
	for key, value := range chart {
		fields[strings.ToUpper(key[:1])+key[1:]] = value
	}
	fields["APIVersion"] = chart["apiVersion"]
	return fields
}

func releaseFields(request Request) object {
	return object{
		"Name": request.Release, "Namespace": request.Namespace, "Service": "Helm",
		"Revision": 1, "IsInstall": true, "IsUpgrade": false,
	}
}

type apiVersions []string

// Has says whether the cluster knows a version of an API, or a kind of it.
func (versions apiVersions) Has(wanted string) bool {
	for _, version := range versions {
		if version == wanted {
			return true
		}
	}
	return false
}

func capabilitiesOf(request Request) object {
	parts := strings.Split(strings.TrimPrefix(request.KubeVersion, "v"), ".")
	return object{
		"APIVersions": apiVersions(request.APIVersions),
		"KubeVersion": object{
			"Version": request.KubeVersion, "GitVersion": request.KubeVersion,
			"Major": parts[0], "Minor": parts[1],
		},
	}
}

// coalesce lays given values over the defaults of a chart; a null takes a default away.
func coalesce(given, defaults object) object {
	merged := object{}
	for key, value := range defaults {
		merged[key] = value
	}
	for key, value := range given {
		below, isBelow := merged[key].(object)
		above, isAbove := value.(object)
		switch {
		case value == nil:
			delete(merged, key)
		case isBelow && isAbove:
			merged[key] = coalesce(above, below)
		default:
			merged[key] = value
		}
	}
	return merged
}

// schemas that have been read, by their text.
var schemas = map[string]*gojsonschema.Schema{}

func readSchema(text []byte) (*gojsonschema.Schema, error) {
	if schema, isKnown := schemas[string(text)]; isKnown {
		return schema, nil
	}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(text))
	schemas[string(text)] = schema
	return schema, err
}

// check says everything that a schema has against the values, in the words that Helm shows.
func check(values object, schema []byte) error {
	if len(schema) == 0 {
		return nil
	}
	known, err := readSchema(schema)
	if err != nil {
		return err
	}
	result, err := known.Validate(gojsonschema.NewGoLoader(values))
	if err != nil {
		return err
	}
	if result.Valid() {
		return nil
	}
	problems := []string{}
	for _, problem := range result.Errors() {
		problems = append(problems, "- "+problem.String())
	}
	sort.Strings(problems)
	return errors.New("values don't meet the specifications of the schema(s):\n" + strings.Join(problems, "\n"))
}

// Files are those of the chart, as templates see them: by their path in it.
type Files map[string][]byte

// Get is the text of a file; empty where there is none.
func (files Files) Get(name string) string { return string(files[name]) }

// Glob is the files whose path matches.
func (files Files) Glob(pattern string) Files {
	found := Files{}
	for name, text := range files {
		if matches, _ := path.Match(pattern, name); matches {
			found[name] = text
		}
	}
	return found
}

func readFiles(chart string) (Files, error) {
	files := Files{}
	err := filepath.WalkDir(chart, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(chart, name)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		files[filepath.ToSlash(relative)] = text
		return err
	})
	return files, err
}

func renderAll(chart string, files Files, top object) (map[string]string, error) {
	root := template.New("gotpl").Option("missingkey=zero")
	root.Funcs(functions(root))
	names := []string{}
	for name := range files {
		if strings.HasPrefix(name, "templates/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := root.New(path.Join(chart, name)).Parse(string(files[name])); err != nil {
			return nil, err
		}
	}
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		full := path.Join(chart, name)
		top["Template"] = object{"Name": full, "BasePath": path.Join(chart, "templates")}
		var text bytes.Buffer
		if err := root.ExecuteTemplate(&text, full, top); err != nil {
			return nil, err
		}
		rendered[name] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	return rendered, nil
}

func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	// Helm takes these away, so that a chart cannot read who renders it.
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	all["fromYaml"] = func(text string) object {
		read := object{}
		if err := yaml.Unmarshal([]byte(text), &read); err != nil {
			read["Error"] = err.Error()
		}
		return read
	}
	all["fromYamlArray"] = func(text string) []interface{} {
		read := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &read); err != nil {
			return []interface{}{err.Error()}
		}
		return read
	}
	all["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
	all["fromJson"] = func(text string) object {
		read := object{}
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			read["Error"] = err.Error()
		}
		return read
	}
	all["fromJsonArray"] = func(text string) []interface{} {
		read := []interface{}{}
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			return []interface{}{err.Error()}
		}
		return read
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return value, errors.New(message)
		}
		return value, nil
	}
	all["lookup"] = func(string, string, string, string) (object, error) { return object{}, nil }
	all["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var rendered strings.Builder
		err = parsed.Execute(&rendered, data)
		return rendered.String(), err
	}
	return all
}
