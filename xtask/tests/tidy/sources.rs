//! The sources of a crate as their parser reads them, and where a name in them leads. Files of tests are left out.

use crate::tree::File;
use std::collections::BTreeMap;
use syn::{Attribute, Item, UseTree, Visibility};

/// The name of the file `lib.rs` here: all others are named by their path below it, without `.rs`.
pub(crate) const CRATE_ROOT: &str = "";

/// The names of a path.
pub(crate) type Names = Vec<String>;

/// `use` declarations may lead on so many times at the most.
const STEPS: usize = 8;

/// The files of a crate.
pub(crate) struct Sources {
    files: BTreeMap<String, Source>,
}

struct Source {
    items: Vec<Item>,
    /// What is declared by `use`, by the name that it gets here.
    used: BTreeMap<String, Used>,
}

struct Used {
    path: Names,
    is_passed_on: bool,
}

/// Where a path leads.
pub(crate) enum Place {
    /// From the root of this crate.
    Ours(Names),
    /// Into another crate.
    Foreign(Names),
}

impl Sources {
    /// Reads the files below `folder`.
    ///
    /// # Panics
    /// When a file is no Rust.
    pub(crate) fn read(files: &[File], folder: &str) -> Self {
        let mut read = BTreeMap::new();
        for file in files {
            let below = file.path.strip_prefix(folder).and_then(|path| path.strip_prefix('/'));
            let Some(name) = below.and_then(|path| path.strip_suffix(".rs")) else { continue };
            if name.split('/').any(|part| part == "tests" || part == "bin") {
                continue;
            }
            let code = syn::parse_file(&file.text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.path));
            let name = if name == "lib" || name == "main" { CRATE_ROOT } else { name };
            let items: Vec<Item> =
                code.items.into_iter().filter(|item| !is_for_tests(attributes(item))).collect();
            read.insert(name.to_owned(), Source { used: used(&items), items });
        }
        Self { files: read }
    }

    /// The names of the files.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, file: &str) -> bool {
        self.files.contains_key(file)
    }

    /// The items of a file.
    pub(crate) fn items(&self, file: &str) -> &[Item] {
        self.files.get(file).map_or(&[], |source| &source.items)
    }

    /// Where a path leads that is in the module `module`, given from the root of the crate. `None` for a single name
    /// that is declared nowhere here.
    pub(crate) fn place(&self, module: &[String], path: &[String]) -> Option<Place> {
        self.place_within(module, path, STEPS)
    }

    fn place_within(&self, module: &[String], path: &[String], steps: usize) -> Option<Place> {
        let first = path.first()?;
        let within = |place: &[String], rest: &[String]| Some(Place::Ours([place, rest].concat()));
        match first.as_str() {
            "crate" => return within(&[], &path[1..]),
            "self" => return within(module, &path[1..]),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                return within(&module[..module.len().checked_sub(ups)?], &path[ups..]);
            }
            _ => {}
        }
        let file = module.join("/");
        let child = if file.is_empty() { first.clone() } else { format!("{file}/{first}") };
        let defines = |item: &Item| name(item).is_some_and(|name| name == first);
        if self.has(&child) || self.items(&file).iter().any(defines) {
            return within(module, path);
        }
        match self.files.get(&file).and_then(|source| source.used.get(first)) {
            Some(used) if steps > 0 && used.path.first() != Some(first) => {
                let further = [&used.path[..], &path[1..]].concat();
                self.place_within(module, &further, steps - 1)
            }
            Some(_) => Some(Place::Foreign(path.to_vec())),
            None if path.len() > 1 => Some(Place::Foreign(path.to_vec())),
            None => None,
        }
    }

    /// The file that defines what a path from the root of the crate leads to, and the item there, if it is one.
    pub(crate) fn definer(&self, path: &[String]) -> Option<(&str, Option<String>)> {
        let mut path = path.to_vec();
        for _ in 0..STEPS {
            let (length, file) = (0..=path.len()).rev().find_map(|length| {
                let (file, _) = self.files.get_key_value(&path[..length].join("/"))?;
                Some((length, file))
            })?;
            let Some(item) = path.get(length) else { return Some((file, None)) };
            let used = self.files[file].used.get(item).filter(|used| used.is_passed_on);
            match used.map(|used| self.place(&path[..length], &used.path)) {
                Some(Some(Place::Ours(further))) => {
                    path = [&further[..], &path[length + 1..]].concat();
                }
                Some(_) => return None,
                None => return Some((file, Some(item.clone()))),
            }
        }
        None
    }
}

/// What a file declares by `use`.
fn used(items: &[Item]) -> BTreeMap<String, Used> {
    let mut used = BTreeMap::new();
    for item in items {
        let Item::Use(item) = item else { continue };
        let is_passed_on = !matches!(item.vis, Visibility::Inherited);
        for (path, name) in leaves(&item.tree) {
            used.insert(name, Used { path, is_passed_on });
        }
    }
    used
}

/// The paths of a tree of names, each with the name that it gets.
pub(crate) fn leaves(tree: &UseTree) -> Vec<(Names, String)> {
    let mut leaves = Vec::new();
    collect(tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn collect(tree: &UseTree, above: &mut Names, leaves: &mut Vec<(Names, String)>) {
    let below = |name: &syn::Ident| {
        let mut path = above.clone();
        if name != "self" {
            path.push(name.to_string());
        }
        path
    };
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
        UseTree::Name(name) => {
            let path = below(&name.ident);
            leaves.push((path.clone(), path.last().cloned().unwrap_or_default()));
        }
        UseTree::Rename(name) => leaves.push((below(&name.ident), name.rename.to_string())),
    }
}

/// The name that an item defines.
pub(crate) fn name(item: &Item) -> Option<&syn::Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
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
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// The names of the module of a file.
pub(crate) fn module(file: &str) -> Names {
    file.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
