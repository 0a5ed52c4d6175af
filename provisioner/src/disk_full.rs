//! A full disk, called one wherever it shows: in an error of this machine, of cargo, or of the local cloud.

/// The operating system's text, on Linux and macOS.
const TEXT: &str = "No space left on device";

pub const HINT: &str = "free some space on the disk, then run again: `…`";

pub fn is_told(text: &str) -> bool {
    text.contains(TEXT)
}

/// The text of an error, in plain words where it is about a full disk.
pub fn explained(text: String) -> String {
    if is_told(&text) {
        format!("{text}: the disk is full")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::explained;

    #[test]
    fn a_full_disk_is_called_so() {
        // ENOSPC of Linux and macOS.
        let full = Error::from_raw_os_error(28);
        let expected = "No space left on device (os error 28): the disk is full";
        assert_eq!(explained(full.to_string()), expected);
        let other = Error::from(ErrorKind::NotFound).to_string();
        assert_eq!(explained(other.clone()), other);
    }
}
