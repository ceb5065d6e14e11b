//! Reading Rust source as far as the rules need it: words and signs, without
//! comments and literals, and the paths among them.

use std::path::{Path, PathBuf};

/// The checkout.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, in order.
pub(super) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `src/engine/plan.rs` as the modules `engine`, `plan`; `mod.rs`, `lib.rs` and
/// `main.rs` name the folder they stand in.
pub(super) fn module_of(file: &Path, folder: &Path) -> Vec<String> {
    let relative = file.strip_prefix(folder).unwrap().with_extension("");
    let mut parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// The words and signs of `source`. `::` is one sign, every other sign is one
/// character; comments, texts, characters and lifetimes are left out.
pub(super) fn tokens(source: &str) -> Vec<String> {
    let text: Vec<char> = source.chars().collect();
    let at = |index: usize| text.get(index).copied().unwrap_or('\0');
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut found, mut i) = (Vec::new(), 0);
    while i < text.len() {
        match at(i) {
            '/' if at(i + 1) == '/' => i += text[i..].iter().take_while(|letter| **letter != '\n').count(),
            '/' if at(i + 1) == '*' => {
                let (mut depth, start) = (0_usize, i);
                while i < text.len() && (depth > 0 || i == start) {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                }
            }
            '"' => i = after_text(&text, i),
            'r' | 'b' | 'c' if after_prefix(&text, i).is_some() => i = after_prefix(&text, i).unwrap(),
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                i += text[i.min(text.len())..].iter().take_while(|letter| **letter != '\'').count() + 1;
            }
            '\'' => i += 1 + text[i + 1..].iter().take_while(|letter| word(**letter)).count(),
            ':' if at(i + 1) == ':' => {
                found.push("::".to_owned());
                i += 2;
            }
            letter if word(letter) => {
                let name: String = text[i..].iter().take_while(|letter| word(**letter)).collect();
                i += name.chars().count();
                found.push(name);
            }
            letter if letter.is_whitespace() => i += 1,
            sign => {
                found.push(sign.to_string());
                i += 1;
            }
        }
    }
    found
}

fn after_text(text: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < text.len() && text[i] != '"' {
        i += if text[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The end of `r#"…"#`, `b"…"`, `br"…"` or `c"…"` that begins at `start`.
fn after_prefix(text: &[char], start: usize) -> Option<usize> {
    if start > 0 && (text[start - 1].is_alphanumeric() || text[start - 1] == '_') {
        return None;
    }
    let prefix = text[start..].iter().take_while(|letter| "rbc".contains(**letter)).count();
    let raw = text[start..start + prefix].contains(&'r');
    let open = start + prefix + if raw { hashes(text, start + prefix) } else { 0 };
    if prefix > 2 || text.get(open) != Some(&'"') {
        return None;
    }
    if !raw {
        return Some(after_text(text, open));
    }
    let count = hashes(text, start + prefix);
    let end = (open + 1..text.len()).find(|i| text[*i] == '"' && hashes(text, i + 1) >= count)?;
    Some(end + 1 + count)
}

fn hashes(text: &[char], start: usize) -> usize {
    text[start.min(text.len())..].iter().take_while(|letter| **letter == '#').count()
}

/// Every path of `source` that begins with `crate` or `super`, from the
/// crate's root: `use crate::{arm::{self, Clock}}` in any module names `arm`
/// and `arm::Clock`, `super::super::kinds::Kind` in `engine::plan` names
/// `kinds::Kind`. A path ends in `*` where it takes everything.
pub(super) fn paths(source: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(source);
    let (mut found, mut here, mut open) = (Vec::new(), module.to_vec(), Vec::new());
    let mut i = 0;
    while i < tokens.len() {
        let after_colons = i > 0 && tokens[i - 1] == "::";
        let starts = ["crate", "super", "self"].contains(&tokens[i].as_str());
        match tokens[i].as_str() {
            "mod" if tokens.get(i + 2).is_some_and(|sign| sign == "{") => {
                here.push(tokens[i + 1].clone());
                open.push(true);
                i += 3;
            }
            "{" => {
                open.push(false);
                i += 1;
            }
            "}" => {
                if open.pop() == Some(true) {
                    here.pop();
                }
                i += 1;
            }
            _ if starts && !after_colons && tokens.get(i + 1).is_some_and(|sign| sign == "::") => {
                i = follow(&tokens, i, &here, &mut found);
            }
            "crate" if i > 0 && tokens[i - 1] == "use" => {
                found.push(vec!["*".to_owned()]);
                i += 1;
            }
            _ => i += 1,
        }
    }
    found
}

/// Reads one path from `i` on, `so_far` being what stands before it, and gives where it ends.
fn follow(tokens: &[String], mut i: usize, so_far: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = so_far.to_vec();
    while let Some(token) = tokens.get(i) {
        match token.as_str() {
            "crate" => path.clear(),
            "super" => {
                path.pop();
            }
            "self" => {}
            "{" => {
                i += 1;
                while tokens.get(i).is_some_and(|token| token != "}") {
                    i = if tokens[i] == "," { i + 1 } else { follow(tokens, i, &path, found).max(i + 1) };
                }
                return i + 1;
            }
            // The type arguments of `path::<T>`.
            "<" => break,
            name => path.push(name.to_owned()),
        }
        i += 1;
        if tokens.get(i).is_none_or(|sign| sign != "::") {
            break;
        }
        i += 1;
    }
    if tokens.get(i).is_some_and(|word| word == "as") {
        i += 2;
    }
    found.push(path);
    i
}

#[test]
fn comments_and_literals_are_no_source() {
    let source = r##"a /* b /* c */ d */ "e\" f" r#"g " h"# 'i' '\'' '\u{1}' &'j k // l
        b"m" br"n" 'static o"##;
    assert_eq!(tokens(source), ["a", "&", "k", "o"]);
}

#[test]
fn a_path_is_found_however_it_is_written() {
    let module: Vec<String> = ["engine", "plan"].map(str::to_owned).to_vec();
    let found = |source: &str| -> Vec<String> {
        paths(source, &module).into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(found("use crate::arm::Clock;"), ["arm::Clock"]);
    assert_eq!(found("use crate::{arm::{self, Clock as C}, kinds::*};"), ["arm", "arm::Clock", "kinds::*"]);
    assert_eq!(found("fn f() { crate::arm::go(1); }"), ["arm::go"]);
    assert_eq!(found("use super::super::kinds::Kind;"), ["kinds::Kind"]);
    assert_eq!(found("mod tests { use super::super::graph; }"), ["engine::graph"]);
    assert_eq!(found("mod tests { } use super::super::kinds;"), ["kinds"]);
    assert_eq!(found("pub(crate) fn f() {} use crate as all;"), ["*"]);
    assert_eq!(found("use self::{a::B, c};"), ["engine::plan::a::B", "engine::plan::c"]);
    assert_eq!(found("macro_rules! m { () => { $crate::arm::x() } }"), ["arm::x"]);
    assert_eq!(found("// crate::arm::x\n\"crate::arm::x\""), Vec::<String>::new());
}
