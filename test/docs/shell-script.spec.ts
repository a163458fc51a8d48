import { describe, expect, it } from 'vitest';
import { blocksIn, fileNameOf } from './blocks.ts';
import { isAsShown, shownIn } from './shell-script.ts';

describe('an output', () => {
  it.each([
    { name: 'word for word', shown: 'one\ntwo\n', output: 'one\ntwo\n' },
    { name: 'with other numbers', shown: 'in 4.0 s\n', output: 'in 12.5 s\n' },
    { name: 'with one number for one', shown: '3001: 1\n3001: 2\n', output: '3002: 7\n3002: 8\n' },
    { name: 'with anything for an ellipsis', shown: 'id …, so\n', output: 'id 7f-a b, so\n' },
    { name: 'with lines for an ellipsis alone', shown: 'a\n…\nz\n', output: 'a\nb\nc\nz\n' },
    { name: 'with no line for it', shown: 'a\n…\nz\n', output: 'a\nz\n' },
    { name: 'with columns of another width', shown: 'ID   NAME\n', output: 'ID NAME\n' },
    { name: 'but for blanks at its ends', shown: 'one\n\n', output: 'one  \n' },
    { name: 'where it has signs of patterns', shown: 'a.b (c) [d] $e\n', output: 'a.b (c) [d] $e\n' },
  ])('is as shown $name', ({ shown, output }) => {
    expect(isAsShown(output, shown)).toBe(true);
  });

  it.each([
    { name: 'another word', shown: 'one\n', output: 'two\n' },
    { name: 'a line more', shown: 'one\n', output: 'one\ntwo\n' },
    { name: 'a line less', shown: 'one\ntwo\n', output: 'one\n' },
    { name: 'two numbers for one', shown: '3001: 1\n3001: 2\n', output: '3001: 1\n3002: 2\n' },
    { name: 'one number for two', shown: '1 of 2\n', output: '1 of 1\n' },
    { name: 'another sign where a dot is', shown: 'a.b\n', output: 'a-b\n' },
    { name: 'no number', shown: 'in 4 s\n', output: 'in a s\n' },
  ])('is not as shown with $name', ({ shown, output }) => {
    expect(isAsShown(output, shown)).toBe(false);
  });
});

describe('a block of a console', () => {
  it('is commands, which may go on in the next line, each with what it prints', () => {
    expect(shownIn('$ one \\\n  two\nthree\nfour\n$ five\n')).toEqual([
      { command: 'one \\\n  two\n', output: 'three\nfour\n' },
      { command: 'five\n', output: '' },
    ]);
  });
});

describe('a block that begins with the name of a file', () => {
  it.each([
    ['# holdfast.yaml', 'holdfast.yaml'],
    ['// docs/app.mjs', 'docs/app.mjs'],
    ['<?php\n// index.php', 'index.php'],
    ['# two nodes, one file', undefined],
    ['cat a.yaml', undefined],
  ])('%j is %s', (begins, file) => {
    const [block] = blocksIn('page.md', `\`\`\`text\n${begins}\nmore\n\`\`\`\n`);
    expect(fileNameOf(block!)).toBe(file);
  });
});
