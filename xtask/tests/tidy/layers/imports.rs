//! The imports of a crate, from file to file: `use` declarations and the paths in its code, followed through re-exports to
//! the file that defines.

use crate::tree::File;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// The name of the file `lib.rs` here: all others are named by their path below it, without `.rs`.
pub(super) const CRATE_ROOT: &str = "";

/// A path of names from the root of the crate.
type Names = Vec<String>;

/// The files of a crate and what each says of others. Files of tests are left out.
pub(super) struct Imports {
    modules: BTreeMap<String, Module>,
}

/// What one file says.
#[derive(Default)]
struct Module {
    /// What it uses, as paths from the root of the crate.
    uses: Vec<Names>,
    /// Names that it passes on, and where they come from.
    passed_on: BTreeMap<String, Names>,
}

impl Imports {
    /// Reads the files below `folder`.
    ///
    /// # Panics
    /// When a file is no Rust.
    pub(super) fn read(files: &[File], folder: &str) -> Self {
        let mut modules = BTreeMap::new();
        for file in files {
            let below = file.path.strip_prefix(folder).and_then(|path| path.strip_prefix('/'));
            let Some(name) = below.and_then(|path| path.strip_suffix(".rs")) else { continue };
            if name.split('/').any(|part| part == "tests" || part == "bin") {
                continue;
            }
            let name = if name == "lib" || name == "main" { CRATE_ROOT } else { name };
            let code = syn::parse_file(&file.text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.path));
            let mut reader = Reader { place: names(name), module: Module::default() };
            reader.visit_file(&code);
            modules.insert(name.to_owned(), reader.module);
        }
        Self { modules }
    }

    pub(super) fn has(&self, module: &str) -> bool {
        self.modules.contains_key(module)
    }

    /// Each file with each other file that it imports.
    pub(super) fn edges(&self) -> BTreeSet<(&str, &str)> {
        let mut edges = BTreeSet::new();
        for (file, module) in &self.modules {
            for path in &module.uses {
                match self.definer(path, 0) {
                    Some(definer) if definer != file => {
                        edges.insert((file.as_str(), definer));
                    }
                    _ => {}
                }
            }
        }
        edges
    }

    /// The file that defines what a path leads to. Re-exports are followed so many times at the most.
    fn definer(&self, path: &[String], followed: usize) -> Option<&str> {
        const RE_EXPORTS: usize = 8;
        let (length, file) = (0..=path.len()).rev().find_map(|length| {
            Some((length, self.modules.get_key_value(&path[..length].join("/"))?))
        })?;
        let (name, module) = file;
        let Some(item) = path.get(length) else { return Some(name) };
        match module.passed_on.get(item) {
            Some(from) if followed < RE_EXPORTS => {
                let further: Names = from.iter().chain(&path[length + 1..]).cloned().collect();
                self.definer(&further, followed + 1)
            }
            // A path with one name is no module's: a crate of somebody else, or a local name.
            _ if length == 0 && name == CRATE_ROOT => None,
            _ => Some(name),
        }
    }
}

/// Collects the paths of one file.
struct Reader {
    /// The module that is being read, from the root of the crate.
    place: Names,
    module: Module,
}

impl Reader {
    /// A path from the root of the crate, when it is one of this crate.
    fn absolute(&self, path: &[String]) -> Option<Names> {
        let mut place = match path.first()?.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "self" => return Some([&self.place[..], &path[1..]].concat()),
            "super" => self.place.clone(),
            // A module of this file, or somebody else's: then it leads nowhere.
            _ => return Some([&self.place[..], path].concat()),
        };
        let mut rest = path;
        while rest.first().is_some_and(|name| name == "super") {
            place.pop()?;
            rest = &rest[1..];
        }
        place.extend_from_slice(rest);
        Some(place)
    }

    fn take(&mut self, path: &[String]) {
        self.module.uses.extend(self.absolute(path));
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_some() {
            self.place.push(module.ident.to_string());
            syn::visit::visit_item_mod(self, module);
            self.place.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut leaves = Vec::new();
        collect(&item.tree, &mut Vec::new(), &mut leaves);
        for (path, name) in leaves {
            if matches!(item.vis, Visibility::Inherited) {
                self.take(&path);
            } else if let Some(from) = self.absolute(&path) {
                // What is passed on is no import: whoever uses it imports from the file that defines it.
                self.module.passed_on.insert(name, from);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Names = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if names.len() > 1 {
            self.take(&names);
        }
        syn::visit::visit_path(self, path);
    }
}

/// The paths of a tree of names, each with the name that it gets.
fn collect(tree: &UseTree, above: &mut Names, leaves: &mut Vec<(Names, String)>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            collect(&path.tree, above, leaves);
            above.pop();
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| collect(tree, above, leaves));
        }
        UseTree::Glob(_) => leaves.push((above.clone(), "*".to_owned())),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((above.clone(), above.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => {
            let path = above.iter().cloned().chain([name.ident.to_string()]).collect();
            leaves.push((path, name.ident.to_string()));
        }
        UseTree::Rename(name) => {
            let path = above.iter().cloned().chain([name.ident.to_string()]).collect();
            leaves.push((path, name.rename.to_string()));
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is there for tests alone.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn names(module: &str) -> Names {
    module.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
