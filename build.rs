//! Compiles the end-to-end schema (`assets/secret_chat.tl`) into the types that `src/secret/wire.rs` includes.
//!
//! The generator writes for a crate root of its own and for trusted input; two changes fit it to one module of this crate: its
//! paths are rewritten, and `string` is read as `bytes` into a type of ours that is bounded, wiped, and never fails on bad UTF-8.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use grammers_tl_gen::{Config, Outputs, generate_rust_code};
use grammers_tl_parser::parse_tl_file;
use grammers_tl_parser::tl::{Definition, ParameterType};

const SCHEMA: &str = "assets/secret_chat.tl";

/// The newest layer in the schema.
const LAYER: i32 = 144;

/// Where the generated code lives in this crate.
const MODULE: &str = "crate::secret::wire::";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SCHEMA}");
    println!("cargo::rerun-if-changed=build.rs");
    let schema = fs::read_to_string(SCHEMA).map_err(|error| format!("{SCHEMA} cannot be read: {error}"))?;
    let definitions = parse(&schema)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    generate(&definitions, &out)
}

fn parse(schema: &str) -> Result<Vec<Definition>, Box<dyn Error>> {
    if !schema.is_ascii() {
        return Err(format!("{SCHEMA} must be plain ASCII: the parser counts characters as bytes").into());
    }
    let mut definitions: Vec<Definition> = Vec::new();
    for definition in parse_tl_file(schema) {
        let mut definition = definition.map_err(|error| {
            let before = definitions.last().map_or("the beginning", |last| &last.name);
            format!("{SCHEMA}: the definition after {before} does not parse: {error:?}")
        })?;
        read_strings_as_bytes(&mut definition);
        definitions.push(definition);
    }
    Ok(definitions)
}

/// The wire form is the same and the ids are explicit, so only the Rust type changes.
fn read_strings_as_bytes(definition: &mut Definition) {
    for parameter in &mut definition.params {
        if let ParameterType::Normal { ty, .. } = &mut parameter.ty
            && ty.name == "string"
        {
            ty.name = "bytes".into();
        }
    }
}

fn generate(definitions: &[Definition], out: &Path) -> Result<(), Box<dyn Error>> {
    let mut outputs =
        Outputs { common: Vec::new(), types: Vec::new(), functions: Vec::new(), enums: Vec::new() };
    let config = Config {
        gen_name_for_id: false,
        deserializable_functions: false,
        // Keys and plaintext pass through these types: they must not be printable.
        impl_debug: false,
        impl_from_type: true,
        impl_from_enum: false,
        impl_serde: false,
    };
    generate_rust_code(&mut outputs, definitions, LAYER, &config)?;
    for (name, code) in [("secret_types.rs", outputs.types), ("secret_enums.rs", outputs.enums)] {
        fs::write(out.join(name), fit(&String::from_utf8(code)?))?;
    }
    Ok(())
}

/// Rewrites the generated paths and byte strings; the generated docs point to pages that do not exist for this schema.
fn fit(code: &str) -> String {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("///"))
        .map(|line| {
            let line = line.replace("crate::", MODULE);
            let bytes = format!("{MODULE}Bytes");
            line.replace("Vec::<u8>", &bytes).replace("Vec<u8>", &bytes) + "\n"
        })
        .collect()
}
