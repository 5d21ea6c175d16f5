//! WGSL functions that shaders may call: a module gets those it uses, and those that these use.

/// Each source file: functions that stand together.
const SOURCES: &[&str] = &[
    include_str!("float.wgsl"),
    include_str!("math.wgsl"),
    include_str!("trig.wgsl"),
    include_str!("pow.wgsl"),
    include_str!("inverse.wgsl"),
    include_str!("hyperbolic.wgsl"),
    include_str!("integer.wgsl"),
    include_str!("i64.wgsl"),
    include_str!("random.wgsl"),
];

/// The names of the library's functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().flat_map(|source| split(source)).map(|(name, _)| name)
}

/// Whether the library has a function of this name.
pub fn has(name: &str) -> bool {
    names().any(|known| known == name)
}

/// The library functions whose names occur in the texts, in the order of [`SOURCES`].
pub fn functions(texts: &[&str]) -> String {
    let mut wanted = String::new();
    let mut found: Vec<&str> = Vec::new();
    let all: Vec<(&str, &str)> = SOURCES.iter().flat_map(|source| split(source)).collect();
    let mut open: Vec<&str> = texts.to_vec();
    while let Some(text) = open.pop() {
        for &(name, function) in &all {
            if !found.contains(&name) && calls(text, name) {
                found.push(name);
                open.push(function);
            }
        }
    }
    for (name, function) in all {
        if found.contains(&name) {
            wanted.push_str(function);
            wanted.push('\n');
        }
    }
    wanted
}

/// A source's functions by name: each begins with `fn` and ends with `}` at the beginning of a line.
fn split(source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let starts = source.match_indices("fn ").map(|(i, _)| i);
    starts.filter(move |&i| i == 0 || source.as_bytes()[i - 1] == b'\n').map(move |at| {
        let end = source[at..].find("\n}").map_or(source.len(), |length| at + length + 2);
        let text = &source[at..end];
        let name = text[3..].split('(').next().unwrap_or_default().trim();
        (name, text)
    })
}

fn calls(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(part) && text[at + name.len()..].starts_with('(')
    })
}
