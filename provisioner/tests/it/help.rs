//! Every help page, compared with the one in `snapshots/`. `INSTA_UPDATE=always` accepts what has changed.

use crate::world::World;

#[test]
fn help_pages_are_as_committed() {
    let world = World::new();
    let overview = world.run(&["--help"]).ok().stdout;
    let commands = commands(&overview);
    assert!(commands.len() > 5, "{commands:?}");
    insta::assert_snapshot!("provision", overview);
    for command in commands {
        let page = world.run(&[command, "--help"]).ok().stdout;
        insta::assert_snapshot!(format!("provision-{command}"), page);
    }
}

#[test]
fn the_short_help_is_as_committed_and_names_no_variables() {
    let world = World::new();
    for command in ["up", "rides"] {
        let page = world.run(&[command, "-h"]).ok().stdout;
        insta::assert_snapshot!(format!("provision-{command}-short"), page);
        assert!(!page.contains("[env:"), "{page}");
        let long = world.run(&["help", command]).ok().stdout;
        assert!(long.contains("[env: PROVISION_STAGE]"), "{long}");
    }
}

#[test]
fn man_pages_name_every_flag_of_the_help() {
    let world = World::new();
    let folder = world.path().join("man1");
    let folder = folder.to_str().expect("UTF-8");
    let printed = world.run(&["man", folder]).ok().stdout;
    let overview = world.run(&["--help"]).ok().stdout;
    let commands = commands(&overview);
    assert_eq!(printed.lines().count(), commands.len() + 1, "{printed}");
    for command in commands {
        let page = std::fs::read_to_string(format!("{folder}/provision-{command}.1"));
        // roff escapes dashes.
        let page = page.expect("a man page").replace("\\-", "-");
        let help = world.run(&[command, "--help"]).ok().stdout;
        let words = help.split([' ', ',', '\n', '=']);
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(page.contains(flag), "{command}: {flag}\n{page}");
        }
    }
    assert!(
        printed
            .lines()
            .all(|path| std::path::Path::new(path).is_file())
    );
}

/// The first words of the lines below `Commands:`.
fn commands(overview: &str) -> Vec<&str> {
    let lines = overview.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    // A description that goes on in the next line is indented further.
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .collect()
}
