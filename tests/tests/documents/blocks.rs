//! The pages for people and their code blocks.

use std::fs;

use crate::root;

/// Folders without pages of ours, by name.
const NOT_OURS: &[&str] =
    &[".git", "target", "node_modules", "dist", "vectors", "corpus", "artifacts"];

/// A Markdown page.
pub(crate) struct Page {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    text: String,
}

/// A fenced block.
pub(crate) struct Block {
    /// The path of its page.
    pub(crate) page: String,
    /// The line of its opening fence, from 1.
    pub(crate) line: usize,
    /// What follows the opening fence.
    pub(crate) info: String,
    /// Its lines, each with its end.
    pub(crate) text: String,
}

impl Block {
    /// Where it is, for messages.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }
}

/// Every page of the project, in the order of their paths.
pub(crate) fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of the project") {
            let entry = entry.expect("an entry of the folder");
            let name = entry.file_name().into_string().expect("file names are UTF-8");
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if entry.file_type().expect("the type of an entry").is_dir() {
                folders.push(path);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(entry.path()).expect("a page in UTF-8");
                pages.push(Page { path, text });
            }
        }
    }
    pages.sort_by(|one, other| one.path.cmp(&other.path));
    pages
}

impl Page {
    /// A page by its path, which must be there.
    pub(crate) fn at(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("no {path}"));
        Self { path: path.to_owned(), text }
    }

    /// The fenced blocks, in order.
    pub(crate) fn blocks(self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<(usize, Block)> = None;
        for (index, line) in self.text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            match (&mut open, line.trim_start().strip_prefix("```")) {
                (None, Some(info)) => {
                    let (page, info) = (self.path.clone(), info.trim().to_owned());
                    let block = Block { page, line: index + 1, info, text: String::new() };
                    open = Some((indent, block));
                }
                (Some(_), Some("")) => blocks.extend(open.take().map(|(_, block)| block)),
                (Some((by, block)), _) => {
                    block.text.push_str(line.get(indent.min(*by)..).unwrap_or_default());
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is left open", self.path);
        blocks
    }

    /// Code that is only indented, and so can say nothing about itself.
    pub(crate) fn indented_code(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let (mut fenced, mut after_blank) = (false, true);
        for (index, line) in self.text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            if !fenced && after_blank && line.starts_with("    ") {
                findings.push(format!("{}:{}: code without a fence", self.path, index + 1));
            }
            after_blank = line.is_empty();
        }
        findings
    }
}

#[test]
fn finds_blocks() {
    let text = "a\n\n    code\n\n- b\n\n  ```sh\n  c\n    d\n  ```\n\n```text output\n```\n";
    let page = || Page { path: "a.md".into(), text: text.into() };
    assert_eq!(page().indented_code(), ["a.md:3: code without a fence"]);
    let found: Vec<_> =
        page().blocks().into_iter().map(|block| (block.line, block.info, block.text)).collect();
    let expect = [(7, "sh", "c\n  d\n"), (12, "text output", "")];
    assert_eq!(found, expect.map(|(line, info, text)| (line, info.into(), text.into())));
}
