//! Checks that a program can run on a target: the kind of file, the processor, and what it needs of
//! the system.

use super::build_target::{Arch, BuildTarget};
use super::elf::{self, ElfProblem};
use super::program_fault::ProgramFault;

/// 64-bit Mach-O, little-endian.
const MACH_O: [u8; 4] = [0xcf, 0xfa, 0xed, 0xfe];

pub fn check(program: &[u8], target: &BuildTarget) -> Result<(), ProgramFault> {
    if program.starts_with(b"#!") {
        let line = program[..program.len().min(80)]
            .split(|byte| *byte == b'\n')
            .next();
        let first_line = String::from_utf8_lossy(line.unwrap_or_default())
            .trim_end()
            .to_owned();
        return Err(ProgramFault::Script { first_line });
    }
    if target.triple.contains("apple") {
        check_mach_o(program, target)
    } else {
        check_elf(program, target)
    }
}

fn check_elf(program: &[u8], target: &BuildTarget) -> Result<(), ProgramFault> {
    let needed = "a 64-bit ELF program";
    let not_a_program = |found: String| ProgramFault::NotAProgram { found, needed };
    let elf = elf::read(program).map_err(|problem| {
        not_a_program(match problem {
            ElfProblem::NotElf => foreign_kind(program).to_owned(),
            ElfProblem::OtherClass => "an ELF file of 32 bits or big-endian".to_owned(),
            ElfProblem::Damaged(how) => format!("a damaged ELF file ({how})"),
        })
    })?;
    if ![elf::EXECUTABLE, elf::SHARED].contains(&elf.kind) {
        return Err(not_a_program(
            "an ELF file that is not a program".to_owned(),
        ));
    }
    let machine = match target.arch {
        Arch::X86_64 => elf::X86_64,
        Arch::Arm64 => elf::AARCH64,
    };
    if elf.machine != machine {
        let found = match elf.machine {
            elf::X86_64 => Arch::X86_64.as_str().to_owned(),
            elf::AARCH64 => Arch::Arm64.as_str().to_owned(),
            other => format!("another processor (ELF machine {other})"),
        };
        return Err(ProgramFault::WrongArch {
            found,
            needed: target.arch,
        });
    }
    // A program without a loader is static, and needs no library of the system.
    let (Some(loader), Some(newest)) = (elf.interpreter, target.glibc_max) else {
        return Ok(());
    };
    if !loader.contains("/ld-linux") {
        return Err(ProgramFault::ForeignLoader { loader });
    }
    match elf.glibc_needed {
        Some(needs) if needs > newest => Err(ProgramFault::GlibcTooNew { needs, newest }),
        _ => Ok(()),
    }
}

fn check_mach_o(program: &[u8], target: &BuildTarget) -> Result<(), ProgramFault> {
    let needed = "a 64-bit Mach-O program";
    if !program.starts_with(&MACH_O) {
        return Err(ProgramFault::NotAProgram {
            found: foreign_kind(program).to_owned(),
            needed,
        });
    }
    let (x86_64, arm64) = (0x0100_0007_u32.to_le_bytes(), 0x0100_000c_u32.to_le_bytes());
    let (machine, found) = match target.arch {
        Arch::X86_64 => (x86_64, Arch::Arm64),
        Arch::Arm64 => (arm64, Arch::X86_64),
    };
    if program[4..].starts_with(&machine) {
        Ok(())
    } else {
        Err(ProgramFault::WrongArch {
            found: found.as_str().to_owned(),
            needed: target.arch,
        })
    }
}

/// The kind that a file for another system seems to be.
fn foreign_kind(program: &[u8]) -> &'static str {
    match program {
        [] => "an empty file",
        [0x7f, b'E', b'L', b'F', ..] => "a Linux program",
        [0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => "a macOS program",
        [b'M', b'Z', ..] => "a Windows program",
        _ => "not a program",
    }
}
