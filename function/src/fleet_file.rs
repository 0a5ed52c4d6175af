//! Parses and checks `fleet.json`. The build script includes this file; in the library only tests use it.

use serde::Deserialize;
use std::collections::HashSet;

/// One entry of the file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FleetEntry {
    pub name: String,
    pub color: String,
    pub gender: String,
    pub latitude: f64,
    pub longitude: f64,
    pub metres_per_second: f64,
}

/// The fleet in the file, or what is wrong with it.
pub fn read(text: &str) -> Result<Vec<FleetEntry>, String> {
    let entries: Vec<FleetEntry> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if entries.is_empty() {
        return Err("a fleet needs at least one unicorn".into());
    }
    let mut names = HashSet::new();
    for entry in &entries {
        check(entry).map_err(|why| format!("`{}`: {why}", entry.name))?;
        if !names.insert(entry.name.as_str()) {
            return Err(format!("`{}` exists twice", entry.name));
        }
    }
    Ok(entries)
}

fn check(entry: &FleetEntry) -> Result<(), String> {
    let FleetEntry {
        name,
        color,
        gender,
        latitude,
        longitude,
        metres_per_second,
    } = entry;
    for (field, text) in [("Name", name), ("Color", color), ("Gender", gender)] {
        if text.trim().is_empty() || text.trim() != text {
            return Err(format!("{field} must be text without blanks around it"));
        }
    }
    if !(-90.0..=90.0).contains(latitude) {
        return Err(format!("Latitude {latitude} is not within -90 and 90"));
    }
    if !(-180.0..=180.0).contains(longitude) {
        return Err(format!("Longitude {longitude} is not within -180 and 180"));
    }
    if !(metres_per_second.is_finite() && *metres_per_second > 0.0) {
        return Err(format!(
            "MetresPerSecond {metres_per_second} is not above zero"
        ));
    }
    Ok(())
}
