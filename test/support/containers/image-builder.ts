import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkTree, type Sources, takeStep } from './build-step.ts';
import { readDockerIgnore } from './docker-ignore.ts';
import { type BuildStage, parseDockerfile } from './dockerfile.ts';
import { baseImage, type Image } from './image.ts';

/**
 * Takes the steps of a Dockerfile for real: copies what they copy, and runs what they run in the file system that is being
 * made. What the base image would bring is taken from this machine. Only the stages that the target needs are built.
 *
 * @param directory where images are put
 */
export async function buildImage(file: string, target: string, directory: string): Promise<Image> {
  const stages = parseDockerfile(await readFile(file, 'utf8'));
  const brings = readDockerIgnore(await readFile(`${file}.dockerignore`, 'utf8'));
  const built = new Map<string, Promise<Image>>();
  const build = (name: string): Promise<Image> => {
    const root = join(directory, name.replaceAll(/\W/g, '-'));
    const stage = stages.find((candidate) => candidate.name === name);
    const image =
      built.get(name) ?? (stage === undefined ? baseImage(root) : buildStage(stage, root, { brings, build }));
    built.set(name, image);
    return image;
  };
  return build(target);
}

async function buildStage(
  { base, instructions }: BuildStage,
  root: string,
  sources: Sources,
): Promise<Image> {
  const below = await sources.build(base);
  if (instructions.length === 0) return below;
  await linkTree(below.root, root);
  let image: Image = { ...below, root };
  for (const instruction of instructions) image = await takeStep(instruction, image, sources);
  return image;
}
