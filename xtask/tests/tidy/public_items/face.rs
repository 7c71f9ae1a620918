//! The public face of a crate: what can be named from outside, and what can be done with it.

use crate::sources::{Names, Place, Sources, attributes, is_for_tests, leaves, module, name};
use crate::tree::File;
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;
use syn::{Fields, ImplItem, Item, ItemImpl, Type, Visibility};

/// A file and an item in it.
type Definition = (String, String);

/// What was found.
pub(super) struct Face {
    lines: Vec<String>,
    foreign: BTreeMap<String, BTreeSet<String>>,
}

/// The way through the crate from its root.
struct Walk<'a> {
    sources: &'a Sources,
    /// The public items, each by its shortest path.
    named: BTreeMap<Definition, String>,
    seen: BTreeSet<(String, String)>,
}

impl Face {
    pub(super) fn read(files: &[File], folder: &str) -> Self {
        let sources = Sources::read(files, folder);
        let mut walk = Walk { sources: &sources, named: BTreeMap::new(), seen: BTreeSet::new() };
        walk.module("", "");
        let mut face = Self { lines: Vec::new(), foreign: BTreeMap::new() };
        let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for ((file, name), path) in &walk.named {
            for item in sources.items(file) {
                if let Some(line) = declared(item, name, path) {
                    face.note_foreign(&sources, file, path, item);
                    let section = sections.entry(path.clone()).or_default();
                    section.push(line);
                    section.extend(derived(item).map(|derived| format!("{path}: {derived}")));
                }
            }
        }
        let all = sources
            .names()
            .flat_map(|file| sources.items(file).iter().map(move |item| (file, item)));
        for (file, item) in all {
            let Item::Impl(block) = item else { continue };
            let Some(path) = target(&sources, file, block).and_then(|of| walk.named.get(&of))
            else {
                continue;
            };
            let found = can(block, path);
            if !found.is_empty() {
                face.note_foreign(&sources, file, path, &public_part(block));
                sections.entry(path.clone()).or_default().extend(found);
            }
        }
        for (_, mut lines) in sections {
            // The declaration comes first, then what can be done.
            if let Some((_, rest)) = lines.split_first_mut() {
                rest.sort();
            }
            face.lines.append(&mut lines);
        }
        face
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// The names of other crates' items in public ones, with the number of items.
    pub(super) fn foreign(&self) -> impl Iterator<Item = (&str, usize)> {
        self.foreign.iter().map(|(name, users)| (name.as_str(), users.len()))
    }

    fn note_foreign(&mut self, sources: &Sources, file: &str, path: &str, item: &Item) {
        let mut paths = Paths(BTreeSet::new());
        paths.visit_item(&visible(item));
        for names in paths.0 {
            if let Some(Place::Foreign(names)) = sources.place(&module(file), &names)
                && !matches!(names.first().map(String::as_str), Some("core" | "alloc" | "Self"))
            {
                self.foreign.entry(names.join("::")).or_default().insert(path.to_owned());
            }
        }
    }
}

impl Walk<'_> {
    /// Everything public in a module that is shown under `shown`.
    fn module(&mut self, file: &str, shown: &str) {
        if !self.seen.insert((file.to_owned(), shown.to_owned())) {
            return;
        }
        for item in self.sources.items(file) {
            match item {
                Item::Mod(module) if is_public(&module.vis) && module.content.is_none() => {
                    let name = module.ident.to_string();
                    self.module(&below(file, &name, "/"), &below(shown, &name, "::"));
                }
                Item::Use(item) if is_public(&item.vis) => {
                    for (_, name) in leaves(&item.tree) {
                        self.passed_on(file, &name, shown);
                    }
                }
                _ => {
                    if let Some(name) = public_name(item) {
                        self.name((file.to_owned(), name.clone()), below(shown, &name, "::"));
                    }
                }
            }
        }
    }

    fn passed_on(&mut self, file: &str, name: &str, shown: &str) {
        let path = below(shown, name, "::");
        let from = [module(file), vec![name.to_owned()]].concat();
        match self.sources.definer(&from) {
            Some((definer, Some(original))) => self.name((definer.to_owned(), original), path),
            Some((definer, None)) => self.module(definer, &path),
            None => {}
        }
    }

    fn name(&mut self, definition: Definition, path: String) {
        let depth = |path: &str| (path.matches("::").count(), path.len());
        let shortest = self.named.entry(definition).or_insert_with(|| path.clone());
        if depth(&path) < depth(shortest) {
            *shortest = path;
        }
    }
}

/// Collects the paths that an item names.
struct Paths(BTreeSet<Names>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.insert(path.segments.iter().map(|part| part.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    // What is in an attribute or a body is not seen outside.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// The declaration of `name` as one line, when `item` is it.
fn declared(item: &Item, name: &str, path: &str) -> Option<String> {
    if public_name(item).as_deref() != Some(name) {
        return None;
    }
    let whole = item;
    let line = match visible(item) {
        Item::Const(item) => format!("const {path}: {}", text(&item.ty)),
        Item::Static(item) => format!("static {path}: {}", text(&item.ty)),
        Item::Type(item) => format!("type {path}{} = {}", text(&item.generics), text(&item.ty)),
        Item::Fn(item) => signature("fn ", path, &item.sig),
        Item::Struct(item) => {
            let fields = fields(&item.fields, hides(whole));
            format!("{}struct {path}{}{fields}", marks(&item.attrs), text(&item.generics))
        }
        Item::Enum(item) => {
            let variants: Vec<String> = item.variants.iter().map(variant_line).collect();
            let (marks, generics) = (marks(&item.attrs), text(&item.generics));
            format!("{marks}enum {path}{generics} {{ {} }}", variants.join(", "))
        }
        Item::Trait(item) => {
            let methods: Vec<String> = item
                .items
                .iter()
                .filter_map(|part| match part {
                    syn::TraitItem::Fn(method) => {
                        Some(signature("", &method.sig.ident.to_string(), &method.sig))
                    }
                    _ => None,
                })
                .collect();
            let bounds = match item.supertraits.is_empty() {
                true => String::new(),
                false => format!(": {}", text(&item.supertraits)),
            };
            format!("trait {path}{bounds} {{ {} }}", methods.join("; "))
        }
        _ => return None,
    };
    Some(line)
}

/// The item without what is private in it.
fn visible(item: &Item) -> Item {
    let mut item = item.clone();
    if let Item::Struct(item) = &mut item {
        let is_hidden = |field: &syn::Field| !is_public(&field.vis);
        match &mut item.fields {
            Fields::Named(fields) => {
                fields.named =
                    fields.named.iter().filter(|field| !is_hidden(field)).cloned().collect();
            }
            Fields::Unnamed(fields) if fields.unnamed.iter().any(is_hidden) => {
                fields.unnamed.clear();
            }
            _ => {}
        }
    }
    item
}

/// Whether a struct has a field that is not public.
fn hides(item: &Item) -> bool {
    let Item::Struct(item) = item else { return false };
    item.fields.iter().any(|field| !is_public(&field.vis))
}

fn fields(fields: &Fields, hides: bool) -> String {
    match fields {
        Fields::Unit => String::new(),
        Fields::Unnamed(fields) if fields.unnamed.is_empty() => "(..)".to_owned(),
        Fields::Unnamed(fields) => text(fields),
        Fields::Named(fields) => {
            let mut shown: Vec<String> = fields
                .named
                .iter()
                .map(|field| {
                    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    format!("pub {name}: {}", text(&field.ty))
                })
                .collect();
            if hides {
                shown.push("..".to_owned());
            }
            format!(" {{ {} }}", shown.join(", "))
        }
    }
}

fn variant_line(variant: &syn::Variant) -> String {
    let mut bare = variant.clone();
    bare.attrs.clear();
    if let Fields::Named(fields) = &mut bare.fields {
        fields.named.iter_mut().for_each(|field| field.attrs.clear());
    }
    if let Fields::Unnamed(fields) = &mut bare.fields {
        fields.unnamed.iter_mut().for_each(|field| field.attrs.clear());
    }
    text(&bare)
}

/// The traits that an item derives.
fn derived(item: &Item) -> impl Iterator<Item = String> {
    let attributes = match item {
        Item::Struct(item) => item.attrs.as_slice(),
        Item::Enum(item) => item.attrs.as_slice(),
        _ => &[],
    };
    let mut traits = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let _ = attribute.parse_nested_meta(|meta| {
            traits.push(text(&meta.path));
            Ok(())
        });
    }
    traits.into_iter()
}

/// What a block adds to the type at `path`: a trait, or public functions and constants.
fn can(block: &ItemImpl, path: &str) -> Vec<String> {
    if let Some((_, of, _)) = &block.trait_ {
        return vec![format!("{path}: {}", text(of))];
    }
    let parts = block.items.iter().filter_map(|part| match part {
        ImplItem::Fn(function) if is_public(&function.vis) => {
            let name = format!("{path}::{}", function.sig.ident);
            Some(signature("", &name, &function.sig))
        }
        ImplItem::Const(constant) if is_public(&constant.vis) => {
            Some(format!("{path}::{}: {}", constant.ident, text(&constant.ty)))
        }
        _ => None,
    });
    parts.collect()
}

/// The block without what is private in it.
fn public_part(block: &ItemImpl) -> Item {
    let mut block = block.clone();
    let is_trait = block.trait_.is_some();
    block.items.retain(|part| match part {
        ImplItem::Fn(function) => !is_trait && is_public(&function.vis),
        ImplItem::Const(constant) => !is_trait && is_public(&constant.vis),
        _ => false,
    });
    Item::Impl(block)
}

/// The definition of the type that a block is about.
fn target(sources: &Sources, file: &str, block: &ItemImpl) -> Option<Definition> {
    let Type::Path(path) = &*block.self_ty else { return None };
    let names: Names = path.path.segments.iter().map(|part| part.ident.to_string()).collect();
    let Some(Place::Ours(path)) = sources.place(&module(file), &names) else { return None };
    let (definer, item) = sources.definer(&path)?;
    Some((definer.to_owned(), item?))
}

fn signature(kind: &str, path: &str, signature: &syn::Signature) -> String {
    let inputs: Vec<String> = signature.inputs.iter().map(text).collect();
    let asynchronous = if signature.asyncness.is_some() { "async " } else { "" };
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, output) => format!(" -> {}", text(output)),
    };
    format!(
        "{asynchronous}{kind}{path}{}({}){output}",
        text(&signature.generics),
        inputs.join(", ")
    )
}

fn marks(attributes: &[syn::Attribute]) -> &'static str {
    match attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive")) {
        true => "#[non_exhaustive] ",
        false => "",
    }
}

/// The name that an item defines for everybody.
fn public_name(item: &Item) -> Option<String> {
    let vis = match item {
        Item::Const(item) => &item.vis,
        Item::Enum(item) => &item.vis,
        Item::Fn(item) => &item.vis,
        Item::Static(item) => &item.vis,
        Item::Struct(item) => &item.vis,
        Item::Trait(item) => &item.vis,
        Item::Type(item) => &item.vis,
        _ => return None,
    };
    (is_public(vis) && !is_for_tests(attributes(item)))
        .then(|| name(item).map(ToString::to_string))?
}

const fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn below(place: &str, name: &str, separator: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}{separator}{name}") }
}

/// Tokens as one line, with spaces where a person puts them.
fn text(tokens: &impl ToTokens) -> String {
    let mut line = tokens.to_token_stream().to_string();
    for (spaced, close) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        (" :", ":"),
        ("' ", "'"),
        (" ;", ";"),
        (",)", ")"),
        (",>", ">"),
        (", >", ">"),
        (", )", ")"),
        ("mut(", "mut ("),
        ("dyn<", "dyn <"),
        ("->(", "-> ("),
        ("<-", "< -"),
        (" ::", "::"),
    ] {
        line = line.replace(spaced, close);
    }
    line
}
