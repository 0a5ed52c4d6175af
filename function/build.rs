//! Turns `fleet.json` into a static array with its unit vectors worked out, so that neither
//! reading nor trigonometry is left for a cold start. A bad fleet stops the build.

#[path = "src/fleet_file.rs"]
mod fleet_file;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=fleet.json");
    println!("cargo::rerun-if-changed=src/fleet_file.rs");
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error=fleet.json: {why}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), String> {
    let text = std::fs::read_to_string("fleet.json").map_err(|error| error.to_string())?;
    let mut unicorns = fleet_file::read(&text)?;
    // The nearest of equals is the first by name: the order of the array settles it.
    unicorns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut code = String::from("&[\n");
    for unicorn in &unicorns {
        // `{:?}` of a float is the shortest text that reads back as the same float.
        let [x, y, z] = unit_vector(unicorn.latitude, unicorn.longitude);
        writeln!(
            code,
            "Unicorn {{ name: {:?}, color: {:?}, gender: {:?}, metres_per_second: {:?}, \
             at: UnitVector([{x:?}, {y:?}, {z:?}]) }},",
            unicorn.name, unicorn.color, unicorn.gender, unicorn.metres_per_second,
        )
        .map_err(|error| error.to_string())?;
    }
    code.push(']');
    let folder = std::env::var("OUT_DIR").map_err(|error| error.to_string())?;
    std::fs::write(Path::new(&folder).join("fleet.rs"), code).map_err(|error| error.to_string())
}

/// As `globe::UnitVector::from`, but with libm's functions: a host's own may differ in the last
/// bit from the next host's, and the artefact must not.
fn unit_vector(latitude: f64, longitude: f64) -> [f64; 3] {
    let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
    let (sin_latitude, cos_latitude) = libm::sincos(latitude);
    let (sin_longitude, cos_longitude) = libm::sincos(longitude);
    [
        cos_latitude * cos_longitude,
        cos_latitude * sin_longitude,
        sin_latitude,
    ]
}
