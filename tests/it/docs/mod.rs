//! The pages under `docs/` are the schema's own words and the examples. This
//! keeps them in step; `AMLSECURE_UPDATE=1 cargo test docs` writes them anew.

mod founding;
mod render;
pub mod simulator;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use amlsecure::{provider, resources};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Every generated page by its path under `docs/`.
fn pages() -> BTreeMap<String, String> {
    let schemas = provider::schemas();
    let mut pages = BTreeMap::new();
    pages.insert("index.md".to_owned(), render::index(&schemas.provider, &example("provider/provider.tf")));
    for (name, schema) in &schemas.resources {
        let composite = resources::find(name).unwrap();
        let import = example(&format!("resources/{name}/import.tf"));
        let example = example(&format!("resources/{name}/resource.tf"));
        pages.insert(
            format!("resources/{}.md", short(name)),
            render::object("Resource", name, schema, &example)
                + &render::import(composite, &import)
                + &render::moves(composite),
        );
    }
    for (name, schema) in &schemas.data_sources {
        let example = example(&format!("data-sources/{name}/data-source.tf"));
        let page = render::object("Data Source", name, schema, &example);
        pages.insert(format!("data-sources/{}.md", short(name)), page);
    }
    for (name, function) in &schemas.functions {
        let example = example(&format!("functions/{name}/function.tf"));
        pages.insert(format!("functions/{name}.md"), render::function(name, function, &example));
    }
    pages
}

fn example(path: &str) -> String {
    let path = root().join("examples").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn short(type_name: &str) -> &str {
    type_name.strip_prefix("amlsecure_").unwrap()
}

#[test]
fn the_readme_leads_to_every_block_and_every_example() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for composite in resources::ALL {
        let page = format!("docs/resources/{}.md", short(composite.type_name));
        assert!(readme.contains(&format!("[`{}`]({page})", composite.type_name)), "{page} is not linked");
    }
    for folder in std::fs::read_dir(root().join("examples")).unwrap().map(|folder| folder.unwrap().path()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let is_linked = readme.contains(&format!("[{name}](examples/{name}/main.tf)"));
        assert!(is_linked || !folder.join("main.tf").exists(), "{name} is not linked");
    }
}

#[test]
fn the_pages_say_what_the_schema_says() {
    let update = std::env::var_os("AMLSECURE_UPDATE").is_some();
    for (name, page) in pages() {
        let path = root().join("docs").join(&name);
        if update {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &page).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == page,
            "docs/{name} is not what the schema says. Write it anew with: AMLSECURE_UPDATE=1 cargo test docs"
        );
    }
}

#[test]
fn no_page_is_left_of_something_that_is_gone() {
    let pages = pages();
    for folder in ["resources", "data-sources", "functions"] {
        for entry in std::fs::read_dir(root().join("docs").join(folder)).unwrap() {
            let name = format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(pages.contains_key(&name), "docs/{name} describes nothing");
        }
    }
}

/// A description is what the user reads first: everything has one, and it is a
/// sentence.
#[test]
fn everything_is_described() {
    fn walk(at: &str, block: &amlsecure::schema::Block) {
        for attribute in &block.attributes {
            let text = &attribute.description;
            assert!(text.ends_with(['.', ':', '`']) && text.len() > 10, "{at}.{}: {text:?}", attribute.name);
        }
        for nested in &block.blocks {
            assert!(!nested.block.description.is_empty(), "{at}.{}", nested.name);
            walk(&format!("{at}.{}", nested.name), &nested.block);
        }
    }
    let schemas = provider::schemas();
    for (name, schema) in schemas.resources.iter().chain(&schemas.data_sources) {
        assert!(!schema.block.description.is_empty(), "{name}");
        walk(name, &schema.block);
    }
}

#[test]
fn the_schemas_obey_terraforms_rules() {
    assert_eq!(amlsecure::schema::internal_validate(&provider::schemas()), Vec::<String>::new());
}
