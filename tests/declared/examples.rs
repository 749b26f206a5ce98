//! What the documentation shows is what works.

use tessera::protocol::declared::{Format, read, write};

use super::{apply, export};
use crate::on_both_engines;

/// The blocks of the page that are files.
fn blocks(fence: &str) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/declarative.md");
    let page = std::fs::read_to_string(page).expect("docs/declarative.md");
    let begins = format!("```{fence}\n");
    let blocks = page.split(begins.as_str()).skip(1);
    blocks
        .filter_map(|rest| Some(rest.split_once("```")?.0.to_owned()))
        .collect()
}

on_both_engines! {
    async fn the_examples_of_the_documentation_can_be_applied(world: World) {
        let (toml, json) = (blocks("toml"), blocks("json"));
        assert!(!toml.is_empty() && !json.is_empty());
        let files = toml.iter().map(|text| (text, Format::Toml)).chain(json.iter().map(|text| (text, Format::Json)));
        for (text, format) in files {
            let wanted = read(text.as_bytes(), format).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
            let done = apply(&world, wanted, false).await;
            let done = done.unwrap_or_else(|why| panic!("{why:?}\n{text}"));
            assert!(!done.changes.is_empty() && done.notes.iter().all(|note| note.note.contains("stays")), "{done:?}");
        }
        let there = export(&world).await;
        let text = write(&there, Format::Json).expect("written");
        assert_eq!(read(text.as_bytes(), Format::Json), Ok(there));
    }
}
