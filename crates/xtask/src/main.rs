//! Writes the TypeScript that derives from Rust: `cargo run -p xtask -- generate <folder>`.

mod dtypes;
mod elementwise;
mod ops;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

const HEADER: &str = "// Written by `npm run generate`; do not edit.\n\n";

/// A generated file: its name and the function that writes its text.
type File = (&'static str, fn() -> String);

const FILES: &[File] =
    &[("dtypes.ts", dtypes::text), ("elementwise.ts", elementwise::text), ("ops.ts", ops::text)];

fn generate(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in FILES {
        fs::write(folder.join(name), format!("{HEADER}{}", text()))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [command, folder] = args.as_slice() else {
        eprintln!("usage: cargo run -p xtask -- generate <folder>");
        return ExitCode::FAILURE;
    };
    if command != "generate" {
        eprintln!("xtask knows `generate`, not `{command}`");
        return ExitCode::FAILURE;
    }
    match generate(Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        }
    }
}
