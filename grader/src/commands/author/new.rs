//! `kafkacourse author new`: the folders of an exercise, in a course that still loads.

use crate::commands::Context;
use crate::course::{Course, Module, enrolled};
use crate::files;
use crate::foreign::is_hidden;
use crate::limits::COURSE_FILE_BYTES;
use crate::report::out::outln;

pub(super) fn run(context: &Context, name: &str, title: &str) -> anyhow::Result<u8> {
    let number = name.strip_prefix("ex").and_then(|rest| rest.split_once('-')).and_then(|(n, _)| n.parse::<u32>().ok());
    // Of a folder and of a package: lower case letters, digits, and hyphens between them.
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let Some(number) = number.filter(|_| name.split('-').all(is_word)) else {
        anyhow::bail!("“{name}” is no name for an exercise; write it like ex03-group-scaling");
    };
    if title.trim().is_empty() {
        anyhow::bail!("an exercise wants a title: kafkacourse author new {name} \"Consumer group scaling\"");
    }
    if title.chars().any(is_hidden) {
        anyhow::bail!("“{title}” is no title: it has line breaks or other characters that nobody sees");
    }
    let id = format!("ex{number}");
    let (root, course) = (&context.workspace.root, &context.course);
    if let Some(known) = course.exercise(&id) {
        anyhow::bail!("{id} is there already: exercises/{}", known.folder);
    }
    let (exercise, solution) = (root.join("exercises").join(name), root.join("solutions").join(name));
    if let Some(there) = [&exercise, &solution].into_iter().find(|folder| folder.exists()) {
        anyhow::bail!("{} is there already", there.display());
    }
    let place = root.join("modules/course.toml");
    let Some((list, module)) = enrolled(&files::read_text(&place, COURSE_FILE_BYTES)?, &id) else {
        anyhow::bail!("{} has no module for an exercise", place.display());
    };
    let of_module = course.modules.iter().filter(|known| known.id == module);
    let section = of_module.chain(&course.modules).find_map(first_section);
    let Some(section) = section else {
        anyhow::bail!("{} has no section of theory yet, and a check has to name one to read", place.display());
    };
    let manifest = |package: &str| {
        format!(
            "[package]\nname = \"{package}\"\nversion.workspace = true\nedition.workspace = true\n\
             rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n\
             [dependencies]\nkit.workspace = true\nrdkafka.workspace = true\nserde.workspace = true\n\
             serde_json.workspace = true\ntokio.workspace = true\n\n[lints]\nworkspace = true\n"
        )
    };
    let stub = format!("//! {title}.\n\nfn main() {{\n    todo!(\"begin here\")\n}}\n");
    let quoted = toml::Value::from(title).to_string();
    let spec = include_str!("new_exercise.toml").replace("ID", &id).replace("SECTION", &section);
    let spec = spec.replace("\"TITLE\"", &quoted);
    let readme = format!("# {id}: {title}\n\nWhat to build, the contract, how it is checked.\n");
    for (path, text) in [
        (exercise.join("Cargo.toml"), manifest(name)),
        (exercise.join("src/main.rs"), stub.clone()),
        (exercise.join("README.md"), readme),
        (solution.join("Cargo.toml"), manifest(&format!("{name}-solution"))),
        (solution.join("src/main.rs"), stub),
        // At the end: until both are there, the course does not load.
        (exercise.join("exercise.toml"), spec),
        (place, list),
    ] {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text)?;
        outln!("{}", path.strip_prefix(root).unwrap_or(&path).display());
    }
    Course::load(root)?;
    outln!("{id} stands in module “{module}”; in modules/course.toml you can move it to another one.");
    outln!("next: kafkacourse author check {id}");
    Ok(0)
}

fn first_section(module: &Module) -> Option<String> {
    module.sections.first().map(|section| module.section_id(section))
}
