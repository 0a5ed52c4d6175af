//! A declared value that a flag of `up` and `plan` may override for one run.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    flag: &'static str,
    overridden: bool,
}

impl<T> Setting<T> {
    /// `flag` with its dashes, as the user would type it.
    pub fn declared(value: T, flag: &'static str) -> Setting<T> {
        Setting {
            value,
            flag,
            overridden: false,
        }
    }

    pub fn override_with(&mut self, value: Option<T>) {
        if let Some(value) = value {
            self.value = value;
            self.overridden = true;
        }
    }

    /// The value, if a flag gave it.
    pub fn overridden(&self) -> Option<&T> {
        self.overridden.then_some(&self.value)
    }

    /// The source that the plan shows after a change: `declared; no --memory`.
    pub fn source(&self) -> String {
        let flag = self.flag;
        if self.overridden {
            flag.to_owned()
        } else {
            format!("declared; no {flag}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Setting;

    #[test]
    fn the_source_of_a_value_is_shown() {
        let mut memory = Setting::declared(128, "--memory");
        assert_eq!(memory.source(), "declared; no --memory");
        memory.override_with(None);
        assert_eq!(
            (memory.value, memory.source().as_str()),
            (128, "declared; no --memory")
        );
        memory.override_with(Some(512));
        assert_eq!((memory.value, memory.source().as_str()), (512, "--memory"));
    }
}
