//! The imports of a crate, from file to file: `use` declarations and the paths in its code, followed through re-exports to
//! the file that defines.

use crate::sources::{Names, Place, Sources, attributes, is_for_tests, leaves, module};
use crate::tree::File;
use std::collections::BTreeSet;
use syn::visit::Visit;
use syn::{Item, ItemMod, ItemUse, Visibility};

/// What each file of a crate uses of the others.
pub(super) struct Imports {
    sources: Sources,
    edges: BTreeSet<(String, String)>,
}

impl Imports {
    /// Reads the files below `folder`.
    pub(super) fn read(files: &[File], folder: &str) -> Self {
        let sources = Sources::read(files, folder);
        let mut edges = BTreeSet::new();
        for file in sources.names() {
            let mut reader = Reader { module: module(file), paths: BTreeSet::new() };
            sources.items(file).iter().for_each(|item| reader.visit_item(item));
            for (module, path) in &reader.paths {
                let Some(Place::Ours(path)) = sources.place(module, path) else { continue };
                match sources.definer(&path) {
                    Some((definer, _)) if definer != file => {
                        edges.insert((file.to_owned(), definer.to_owned()));
                    }
                    _ => {}
                }
            }
        }
        Self { sources, edges }
    }

    pub(super) fn has(&self, module: &str) -> bool {
        self.sources.has(module)
    }

    /// Each file with each other file that it imports.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.edges.iter().map(|(file, imported)| (file.as_str(), imported.as_str()))
    }
}

/// Collects the paths of one file, each with the module that it is in.
struct Reader {
    module: Names,
    paths: BTreeSet<(Names, Names)>,
}

impl Reader {
    fn take(&mut self, path: Names) {
        self.paths.insert((self.module.clone(), path));
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        syn::visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // What is passed on is no import: its users import from the file that defines it.
        if matches!(item.vis, Visibility::Inherited) {
            leaves(&item.tree).into_iter().for_each(|(path, _)| self.take(path));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.take(path.segments.iter().map(|part| part.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }
}
