/**
 * Media types that come before those of the standard library. That has other formats for some extensions, and for many
 * others a type that browsers download. Data only.
 * @module
 */

/** All browsers show it. Firefox downloads most other text types, and Chromium some of them. */
const PLAIN = "text/plain";

/**
 * Source code. In the standard library, `rs` is a list of telephone services, `sh`, `sql` and `dart` have types that
 * browsers download, and most have no type, so that the content would decide.
 */
const SOURCE_CODE = [
  "ada adb ads applescript asm awk bas bash bat c c++ cc cjsx clj cljc cljs cmake cmd coffee cpp cr cs csh cu cuh cxx d",
  "dart dockerfile edn el elm erl ex exs f f03 f08 f77 f90 f95 fish for fs fsi fsx gd gemspec glsl go gql gradle graphql",
  "groovy h hcl hh hlsl hpp hrl hs hxx inl ino ipp java jl jsx kt kts ksh less lhs lisp ll lua m mak make mk ml mli mm",
  "nim nix p pas php phps pl pm pp proto ps1 psd1 psm1 pug py pyi pyw pyx r rake rb rkt rmd rs s sass sbt scala scss sh",
  "sol sql sty styl sv svelte svh swift tcl tf tsx v vala vb vbs vert frag vim vue zig zsh",
];

/** TeX and its relatives, and manual pages: sources of documents. */
const DOCUMENT_SOURCES = ["adoc asciidoc bib cls dtx latex ltx man mdx me ms rst roff t tex texi texinfo textile"];

/**
 * Sources of diagrams, shaders, sketches, templates and models, and data of a science class. The standard library has
 * types for them that Firefox downloads (`text/vnd.graphviz`, `chemical/x-xyz`), or rare formats of the same
 * extension: `sub` is a DVB subtitle, `pml` a list for a telephone, `mif` a file of FrameMaker, `manifest` a cache of HTML 4.
 */
const CLASS_TEXTS = ["cif dtd gv hbs manifest mif opml pde pgn pml slim sub wgsl xyz"];

/**
 * Settings, notes and lists, which people open to read them. Browsers download the registered types of `toml`, `yaml`
 * and others. `csv`, `tsv`, `md` and `ics` are not here, because other programs open these files and need the type.
 */
const TEXTS = [
  "cfg cnf conf config diff editorconfig env gitattributes gitignore ini json5 jsonc jsonl list lock log ndjson nfo patch",
  "po properties reg sbv srt sum text toml txt yaml yml",
];

/** Types that the standard library has under an old name or not at all. */
const OTHERS: Readonly<Record<string, string>> = {
  cjs: "text/javascript",
  flac: "audio/flac", // RFC 9639
  har: "application/json", // Like the next ones, so that browsers show it.
  ipynb: "application/json",
  jfif: "image/jpeg",
  sqlite: "application/vnd.sqlite3",
  tgz: "application/gzip",
  topojson: "application/json",
  vcf: "text/vcard", // RFC 6350
  zst: "application/zstd", // RFC 8878
};

/** Types by extension, in lower case without its dot. */
export const OVERRIDES: ReadonlyMap<string, string> = new Map([
  ...[SOURCE_CODE, DOCUMENT_SOURCES, CLASS_TEXTS, TEXTS].flat().flatMap((line) => line.split(" ")).map((each) =>
    [each, PLAIN] as const
  ),
  ...Object.entries(OTHERS),
]);

/**
 * Extensions of two formats, one of which is text, with the type of the other one. So a `.ts` file is a video if its
 * content is binary, and otherwise TypeScript. An encrypted video stream has no other distinctive mark.
 */
export const BINARY_TYPES: ReadonlyMap<string, string> = new Map([
  ["ac", "application/pkix-attr-cert"], // Or the input of autoconf.
  ["bed", "application/vnd.realvnc.bed"], // Or regions of a genome.
  ["cts", "application/octet-stream"], // Or TypeScript, like the next two.
  ["mts", "video/mp2t"],
  ["ts", "video/mp2t"],
  ["dot", "application/msword"], // Or a graph.
  ["itp", "application/vnd.shana.informed.formtemplate"], // Or a topology of molecules.
  ["key", "application/vnd.apple.keynote"], // Or a key in PEM.
  ["mmd", "application/vnd.chipnuts.karaoke-mmd"], // Or a diagram of Mermaid.
  ["org", "application/vnd.lotus-organizer"], // Or notes.
  ["pdb", "application/vnd.palm"], // Or a protein.
  ["pot", "application/vnd.ms-powerpoint"], // Or texts to be translated.
  ["pub", "application/x-mspublisher"], // Or a key of SSH.
  ["sc", "application/vnd.ibm.secure-container"], // Or Scala.
  ["scm", "application/vnd.lotus-screencam"], // Or Scheme.
  ["sdc", "application/vnd.stardivision.calc"], // Or constraints of a circuit.
  ["smv", "video/x-smv"], // Or a model to be checked.
  ["tpl", "application/vnd.groove-tool-template"], // Or a template of text.
  ["vcd", "application/x-cdlink"], // Or the signals of a circuit.
  ["vhd", "application/x-virtualbox-vhd"], // Or VHDL.
]);
