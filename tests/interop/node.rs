//! Finds Node with the packages pinned in `node/package-lock.json`.
//!
//! `.ci/run` installs them and names their folder in the environment; a developer's may be in the usual place. A test that has neither
//! is skipped, and says so. A folder that was named but does not fit is an error: a check must not pass because it did not run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::world::World;
use crate::python::{folder, skip};

const VARIABLE: &str = "SUBROSA_INTEROP_NODE";
const PACKAGES: &str = "target/interop-node";

/// Compares what is installed with the pinned versions: prints what differs. What is optional may be missing.
const CHECK: &str = r#"
const fs = require("fs"), [lock, folder] = process.argv.slice(1);
if (Number(process.versions.node.split(".")[0]) < 18) console.log(`Node 18 or newer is needed: ${process.versions.node}`);
for (const [path, { version, optional }] of Object.entries(JSON.parse(fs.readFileSync(lock)).packages)) {
  const file = `${folder}/${path}/package.json`;
  if (!path || (optional && !fs.existsSync(file))) continue;
  const found = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)).version : "not installed";
  if (found !== version) console.log(`${path} ${version} is needed: ${found}`);
}
"#;

/// Node with the pinned packages.
#[derive(Clone)]
pub struct Node {
    modules: PathBuf,
}

impl Node {
    /// `None`, after a line that says why, if the test is to be skipped.
    pub fn find(test: &str) -> Option<Node> {
        static FOUND: OnceLock<Result<Node, String>> = OnceLock::new();
        match FOUND.get_or_init(find) {
            Ok(node) => Some(node.clone()),
            Err(reason) if std::env::var_os(VARIABLE).is_some() => {
                panic!("{VARIABLE} is set, but {reason}")
            }
            Err(reason) => skip(test, reason),
        }
    }

    /// A script that finds the packages wherever it lies itself, and the server on this port.
    pub fn script(&self, script: &Path, world: &World, port: u16) -> Command {
        let mut command = Command::new("node");
        command.arg("--require").arg(sources().join("at_home.js")).arg(script);
        command.env_remove("NODE_OPTIONS").env("NODE_PATH", &self.modules).env("NO_COLOR", "1");
        command.env("SUBROSA_SERVER_KEY", world.key()).env("SUBROSA_SERVER_PORT", port.to_string());
        command
    }

    /// Compiles a TypeScript source with the packages' types into a folder, and gives what came of it.
    pub fn compile(&self, source: &Path, into: &Path) -> PathBuf {
        let options = serde_json::json!({
            "files": [source],
            "compilerOptions": {
                "strict": true, "noEmitOnError": true, "skipLibCheck": true, "allowJs": true,
                "module": "commonjs", "target": "es2022", "esModuleInterop": true,
                "types": ["node"], "typeRoots": [self.modules.join("@types")],
                "paths": { "*": [self.modules.join("*")] },
                "rootDir": sources(), "outDir": into,
            },
        });
        std::fs::write(into.join("tsconfig.json"), options.to_string()).unwrap();
        let mut command = Command::new("node");
        command.arg(self.modules.join("typescript/bin/tsc")).arg("--project").arg(into);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        into.join(source.file_name().unwrap()).with_extension("js")
    }
}

/// The folder of the scripts.
pub fn sources() -> PathBuf {
    folder().join("node")
}

fn find() -> Result<Node, String> {
    let packages = match std::env::var_os(VARIABLE) {
        Some(named) => PathBuf::from(named),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(PACKAGES),
    };
    let modules = packages.join("node_modules");
    if !modules.exists() {
        return Err(format!(
            "there is no {}; `.ci/run` makes it, or set {VARIABLE} to a folder with the packages of tests/interop/node",
            modules.display()
        ));
    }
    let lock = sources().join("package-lock.json");
    let check = Command::new("node").args(["-e", CHECK]).arg(lock).arg(&packages).output();
    let output = check.map_err(|error| format!("node does not run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().replace('\n', "; ");
    match (output.status.success(), said.is_empty()) {
        (false, _) => Err(format!("node does not run: {}", String::from_utf8_lossy(&output.stderr))),
        (true, false) => Err(format!("{} lacks packages: {said}", packages.display())),
        (true, true) => Ok(Node { modules }),
    }
}
