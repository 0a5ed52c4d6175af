//! Reads what an ELF file says about where it can run: machine, kind, interpreter, and the versions
//! of glibc that it needs or provides.
//!
//! The layouts are those of `object`. Its readers of the version tables are not used: they start at
//! the section headers, which no loader reads and a stripped program may lack. Nothing in the file is
//! trusted: every access is checked, every chain is bounded, and no size that the file claims decides
//! how much is allocated.

use object::LittleEndian as LE;
use object::elf::{
    DT_NULL, DT_STRTAB, DT_VERDEF, DT_VERNEED, Dyn64, EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC,
    FileHeader64, PT_LOAD, ProgramHeader64, Verdaux, Verdef, Vernaux, Verneed,
};
use object::pod::{Pod, from_bytes};
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _};

type Segment = ProgramHeader64<LE>;
type Version = (u32, u32);

/// What the headers of an ELF file say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Elf {
    pub kind: u16,
    pub machine: u16,
    /// The loader of a dynamically linked program; none in a static one.
    pub interpreter: Option<String>,
    /// The newest glibc version among the symbols it needs.
    pub glibc_needed: Option<Version>,
    /// The newest glibc version among the symbols it provides; only libc itself has one.
    pub glibc_provided: Option<Version>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ElfProblem {
    NotElf,
    /// 32 bits, or the other byte order.
    OtherClass,
    /// A header points outside of the file.
    Damaged(&'static str),
}

/// Kinds of ELF file that can be executed.
pub const EXECUTABLE: u16 = ET_EXEC.0;
pub const SHARED: u16 = ET_DYN.0;
/// Machines that Lambda has.
pub const X86_64: u16 = EM_X86_64.0;
pub const AARCH64: u16 = EM_AARCH64.0;

/// More version entries than any real program has: a crafted chain ends here.
const ENTRIES_MAX: usize = 10_000;
/// Longer than the name of any real version.
const NAME_MAX: usize = 4_096;

pub fn read(file: &[u8]) -> Result<Elf, ElfProblem> {
    if !file.starts_with(b"\x7fELF") {
        return Err(ElfProblem::NotElf);
    }
    if !file[4..].starts_with(&[2, 1]) {
        return Err(ElfProblem::OtherClass);
    }
    let damaged = ElfProblem::Damaged;
    let header: &FileHeader64<LE> = at(file, 0).ok_or(damaged("its header is cut off"))?;
    let segments = header
        .program_headers(LE, file)
        .map_err(|_| damaged("its program headers lie outside of the file"))?;
    let mut elf = Elf {
        kind: header.e_type(LE).0,
        machine: header.e_machine(LE).0,
        ..Elf::default()
    };
    for segment in segments {
        let loader = segment.interpreter(LE, file);
        let loader =
            loader.map_err(|_| damaged("the name of its loader lies outside of the file"))?;
        if let Some(loader) = loader {
            elf.interpreter = Some(String::from_utf8_lossy(loader).into_owned());
        }
        let outside = damaged("its dynamic section points outside of the file");
        match segment.dynamic(LE, file) {
            Ok(None) => {}
            Ok(Some(dynamic)) => {
                (elf.glibc_needed, elf.glibc_provided) =
                    versions(file, dynamic, segments).ok_or(outside)?;
            }
            Err(_) => return Err(outside),
        }
    }
    Ok(elf)
}

/// The newest glibc version needed and the newest one provided, by the tables that the dynamic
/// section names; `None` if one of them is damaged.
fn versions(
    file: &[u8],
    dynamic: &[Dyn64<LE>],
    segments: &[Segment],
) -> Option<(Option<Version>, Option<Version>)> {
    let (mut strings, mut needed, mut provided) = (None, None, None);
    let entries = dynamic.iter().map(|entry| (entry.tag(LE), entry.val(LE)));
    for (tag, address) in entries.take_while(|(tag, _)| *tag != DT_NULL) {
        let table = match tag {
            DT_STRTAB => &mut strings,
            DT_VERNEED => &mut needed,
            DT_VERDEF => &mut provided,
            _ => continue,
        };
        *table = Some(loaded_at(file, segments, address)?);
    }
    let Some(strings) = strings else {
        return Some((None, None));
    };
    let needed = needed.map(|table| {
        let entry = |entry: &Verneed<LE>| (entry.vn_aux.get(LE), entry.vn_next.get(LE));
        let name = |name: &Vernaux<LE>| (name.vna_name.get(LE), name.vna_next.get(LE));
        newest(table, strings, entry, name)
    });
    let provided = provided.map(|table| {
        let entry = |entry: &Verdef<LE>| (entry.vd_aux.get(LE), entry.vd_next.get(LE));
        let name = |name: &Verdaux<LE>| (name.vda_name.get(LE), name.vda_next.get(LE));
        newest(table, strings, entry, name)
    });
    Some((
        needed.unwrap_or(Some(None))?,
        provided.unwrap_or(Some(None))?,
    ))
}

/// The newest glibc version in a table of entries, each of which heads a chain of names. `entry`
/// gives the offsets from an entry to its first name and to the next entry, `name` the offset of a
/// name's text among the strings and that to the next name; 0 ends a chain.
fn newest<E: Pod, N: Pod>(
    table: &[u8],
    strings: &[u8],
    entry: impl Fn(&E) -> (u32, u32),
    name: impl Fn(&N) -> (u32, u32),
) -> Option<Option<Version>> {
    let mut newest = None;
    let mut left = ENTRIES_MAX;
    let mut rest = table;
    loop {
        let (first_name, next_entry) = entry(at(rest, 0)?);
        let mut names = rest.get(first_name as usize..)?;
        loop {
            left = left.checked_sub(1)?;
            let (text, next_name) = name(at(names, 0)?);
            newest = newest.max(glibc_version(&text_at(strings, text as usize)?));
            match next_name {
                0 => break,
                step => names = names.get(step as usize..)?,
            }
        }
        match next_entry {
            0 => return Some(newest),
            step => rest = rest.get(step as usize..)?,
        }
    }
}

/// `GLIBC_2.34`, `GLIBC_2.3.4`; none for `GLIBC_PRIVATE` and the versions of other libraries.
fn glibc_version(name: &str) -> Option<Version> {
    let version = name.strip_prefix("GLIBC_")?;
    if version == "ABI_DT_RELR" {
        // Packed relocations: the name has no number, and loaders before 2.36 refuse them.
        return Some((2, 36));
    }
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The file's bytes from an address of the loaded program on.
fn loaded_at<'f>(file: &'f [u8], segments: &[Segment], address: u64) -> Option<&'f [u8]> {
    let offset = segments.iter().find_map(|segment| {
        let into = address.checked_sub(segment.p_vaddr(LE))?;
        let is_in_it = segment.p_type(LE) == PT_LOAD && into < segment.p_filesz(LE);
        is_in_it.then(|| segment.p_offset(LE).checked_add(into))
    });
    file.get(usize::try_from(offset??).ok()?..)
}

fn text_at(strings: &[u8], at: usize) -> Option<String> {
    let rest = strings.get(at..)?;
    let rest = &rest[..rest.len().min(NAME_MAX)];
    let end = rest.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

/// The value at that place, if it lies within the bytes.
fn at<T: Pod>(bytes: &[u8], place: usize) -> Option<&T> {
    let (value, _) = from_bytes(bytes.get(place..)?).ok()?;
    Some(value)
}
