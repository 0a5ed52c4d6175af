//! Whether this machine can execute a file. Checked before the start, because the C library passes a
//! file that the kernel refuses to a shell, which then fails with another error.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The kernel's error for a program of another format (`ENOEXEC`).
pub(crate) const EXEC_FORMAT_ERROR: i32 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Script,
    Elf { machine: u16 },
    MachO,
    Unknown,
}

/// Fails like the kernel if the file is not a program for this machine.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let mut head = Vec::new();
    File::open(path)?.take(20).read_to_end(&mut head)?;
    let runs = match format(&head) {
        Format::Script => true,
        Format::Elf { machine } => cfg!(target_os = "linux") && Some(machine) == own_machine(),
        Format::MachO => cfg!(target_os = "macos"),
        Format::Unknown => false,
    };
    if runs {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(EXEC_FORMAT_ERROR))
    }
}

fn format(head: &[u8]) -> Format {
    match head {
        [b'#', b'!', ..] => Format::Script,
        // 64-bit little-endian, the only ELF format that Lambda runs.
        [0x7f, b'E', b'L', b'F', 2, 1, rest @ ..] if rest.len() >= 14 => Format::Elf {
            machine: u16::from_le_bytes([rest[12], rest[13]]),
        },
        [0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Format::MachO,
        _ => Format::Unknown,
    }
}

fn own_machine() -> Option<u16> {
    match std::env::consts::ARCH {
        "x86_64" => Some(62),
        "aarch64" => Some(183),
        "riscv64" => Some(243),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{EXEC_FORMAT_ERROR, Format, check, format};

    #[test]
    fn a_format_is_recognized_by_the_first_bytes() {
        let elf = |class: u8, machine: u8| {
            [
                &[0x7f, b'E', b'L', b'F', class, 1][..],
                &[0; 12],
                &[machine, 0],
            ]
            .concat()
        };
        for (head, expected) in [
            (b"#!/bin/sh\n".to_vec(), Format::Script),
            (elf(2, 62), Format::Elf { machine: 62 }),
            (elf(2, 183), Format::Elf { machine: 183 }),
            (elf(1, 3), Format::Unknown),
            (elf(2, 62)[..10].to_vec(), Format::Unknown),
            (b"echo no shebang".to_vec(), Format::Unknown),
            (Vec::new(), Format::Unknown),
        ] {
            assert_eq!(format(&head), expected, "{head:?}");
        }
    }

    #[test]
    fn this_test_program_is_executable() {
        assert!(check(&std::env::current_exe().unwrap()).is_ok());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bootstrap");
        std::fs::write(&path, "text").unwrap();
        assert_eq!(
            check(&path).unwrap_err().raw_os_error(),
            Some(EXEC_FORMAT_ERROR)
        );
    }
}
