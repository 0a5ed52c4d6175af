//! As much of an ELF file as tells where it can run: machine, kind, interpreter and the versions of
//! glibc it needs or provides.
//!
//! Read by hand, since this is all that is wanted of the format: a library for it would bring more
//! code than the hundred lines here. Nothing in the file is trusted: every access is checked, every
//! chain is bounded, and nothing is allocated by a size that the file claims.

/// What was found in the headers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Elf {
    pub kind: u16,
    pub machine: u16,
    /// The loader that a dynamically linked program asks for; a static one asks for none.
    pub interpreter: Option<String>,
    /// The newest glibc version among the symbols it needs.
    pub glibc_needed: Option<(u32, u32)>,
    /// The newest glibc version among the symbols it provides, which is how libc itself is known.
    pub glibc_provided: Option<(u32, u32)>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ElfProblem {
    NotElf,
    /// 32 bits, or the other byte order.
    OtherClass,
    /// A header points outside of the file.
    Damaged(&'static str),
}

/// Kinds of ELF file that can be run.
pub const EXECUTABLE: u16 = 2;
pub const SHARED: u16 = 3;
/// Machines that Lambda has.
pub const X86_64: u16 = 62;
pub const AARCH64: u16 = 183;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;

const DT_STRTAB: u64 = 5;
const DT_VERDEF: u64 = 0x6fff_fffc;
const DT_VERNEED: u64 = 0x6fff_fffe;

/// More version entries than any real program has: a crafted chain ends here.
const ENTRIES_MAX: usize = 10_000;
/// Longer than any real name of a loader or a version.
const NAME_MAX: usize = 4_096;

pub fn read(file: &[u8]) -> Result<Elf, ElfProblem> {
    if !file.starts_with(b"\x7fELF") {
        return Err(ElfProblem::NotElf);
    }
    if !file[4..].starts_with(&[2, 1]) {
        return Err(ElfProblem::OtherClass);
    }
    let header = ElfProblem::Damaged("its header is cut off");
    let (Some(kind), Some(machine)) = (u16_at(file, 16), u16_at(file, 18)) else {
        return Err(header);
    };
    let (Some(table), Some(entry_size), Some(entries)) =
        (u64_at(file, 32), u16_at(file, 54), u16_at(file, 56))
    else {
        return Err(header);
    };
    let mut elf = Elf {
        kind,
        machine,
        ..Elf::default()
    };
    let segments = (0..u64::from(entries))
        .map(|number| {
            let at = table.checked_add(number * u64::from(entry_size))?;
            segment_at(file, at)
        })
        .collect::<Option<Vec<Segment>>>()
        .ok_or(ElfProblem::Damaged(
            "its program headers lie outside of the file",
        ))?;
    for segment in &segments {
        match segment.kind {
            PT_INTERP => {
                let name = text_at(file, segment.offset).ok_or(ElfProblem::Damaged(
                    "the name of its loader lies outside of the file",
                ))?;
                elf.interpreter = Some(name);
            }
            PT_DYNAMIC => versions(file, segment, &segments, &mut elf).ok_or(
                ElfProblem::Damaged("its dynamic section points outside of the file"),
            )?,
            _ => {}
        }
    }
    Ok(elf)
}

struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

fn segment_at(file: &[u8], at: u64) -> Option<Segment> {
    let field = |offset| u64_at(file, at.checked_add(offset)?);
    let kind = u32_at(file, at)?;
    Some(Segment {
        kind,
        offset: field(8)?,
        address: field(16)?,
        size: field(32)?,
    })
}

/// Reads the version tables that the dynamic section names.
fn versions(file: &[u8], dynamic: &Segment, segments: &[Segment], elf: &mut Elf) -> Option<()> {
    let (mut strings, mut needed, mut provided) = (None, None, None);
    for number in 0..(dynamic.size / 16).min(ENTRIES_MAX as u64) {
        let at = dynamic.offset.checked_add(number * 16)?;
        let (tag, value) = (u64_at(file, at)?, u64_at(file, at.checked_add(8)?)?);
        match tag {
            0 => break,
            DT_STRTAB => strings = Some(offset_of(value, segments)?),
            DT_VERNEED => needed = Some(offset_of(value, segments)?),
            DT_VERDEF => provided = Some(offset_of(value, segments)?),
            _ => {}
        }
    }
    if let (Some(strings), Some(table)) = (strings, needed) {
        elf.glibc_needed = newest(file, strings, table, &NEEDED)?;
    }
    if let (Some(strings), Some(table)) = (strings, provided) {
        elf.glibc_provided = newest(file, strings, table, &PROVIDED)?;
    }
    Some(())
}

/// Where the parts of a version table's entries lie. Each entry heads a chain of names.
struct Layout {
    /// Offset to the first name, in the entry.
    first: u64,
    /// Offset to the next entry, in the entry.
    next: u64,
    /// Offset of the text, in the name.
    text: u64,
    /// Offset to the next name, in the name.
    next_name: u64,
}

const NEEDED: Layout = Layout {
    first: 8,
    next: 12,
    text: 8,
    next_name: 12,
};
const PROVIDED: Layout = Layout {
    first: 12,
    next: 16,
    text: 0,
    next_name: 4,
};

fn newest(file: &[u8], strings: u64, table: u64, layout: &Layout) -> Option<Option<(u32, u32)>> {
    let mut newest = None;
    let mut entry = table;
    let mut left = ENTRIES_MAX;
    loop {
        let mut name = entry.checked_add(u32_at(file, entry.checked_add(layout.first)?)?.into())?;
        loop {
            left = left.checked_sub(1)?;
            let text = u32_at(file, name.checked_add(layout.text)?)?;
            let text = text_at(file, strings.checked_add(text.into())?)?;
            newest = newest.max(glibc_version(&text));
            match u32_at(file, name.checked_add(layout.next_name)?)? {
                0 => break,
                step => name = name.checked_add(step.into())?,
            }
        }
        match u32_at(file, entry.checked_add(layout.next)?)? {
            0 => return Some(newest),
            step => entry = entry.checked_add(step.into())?,
        }
    }
}

/// `GLIBC_2.34`, `GLIBC_2.3.4`; `GLIBC_PRIVATE` and others' versions are none.
fn glibc_version(name: &str) -> Option<(u32, u32)> {
    let version = name.strip_prefix("GLIBC_")?;
    if version == "ABI_DT_RELR" {
        // Packed relocations: no number in the name, and no loader before 2.36 takes them.
        return Some((2, 36));
    }
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Where an address of the loaded program lies in the file.
fn offset_of(address: u64, segments: &[Segment]) -> Option<u64> {
    let segment = segments.iter().find(|segment| {
        segment.kind == PT_LOAD
            && address >= segment.address
            && address - segment.address < segment.size
    })?;
    segment.offset.checked_add(address - segment.address)
}

fn text_at(file: &[u8], at: u64) -> Option<String> {
    let rest = file.get(usize::try_from(at).ok()?..)?;
    let rest = &rest[..rest.len().min(NAME_MAX)];
    let end = rest.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

fn bytes_at<const N: usize>(file: &[u8], at: u64) -> Option<[u8; N]> {
    file.get(usize::try_from(at).ok()?..)?
        .first_chunk::<N>()
        .copied()
}

fn u16_at(file: &[u8], at: u64) -> Option<u16> {
    bytes_at(file, at).map(u16::from_le_bytes)
}

fn u32_at(file: &[u8], at: u64) -> Option<u32> {
    bytes_at(file, at).map(u32::from_le_bytes)
}

fn u64_at(file: &[u8], at: u64) -> Option<u64> {
    bytes_at(file, at).map(u64::from_le_bytes)
}
