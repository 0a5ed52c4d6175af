//! Does at build time what would slow down a cold start: `fleet.json` becomes a static array with
//! calculated unit vectors (an invalid fleet fails the build), `amazon-roots.pem` becomes bytes.

#![expect(clippy::disallowed_macros, reason = "cargo reads what is printed")]

#[path = "src/fleet_file.rs"]
mod fleet_file;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=fleet.json");
    println!("cargo::rerun-if-changed=src/fleet_file.rs");
    println!("cargo::rerun-if-changed=amazon-roots.pem");
    let mut code = ExitCode::SUCCESS;
    for (from, to, generate) in [
        (
            "fleet.json",
            "fleet.rs",
            fleet as fn(&str) -> Result<String, String>,
        ),
        ("amazon-roots.pem", "amazon_roots.rs", amazon_roots),
    ] {
        if let Err(why) = convert(from, to, generate) {
            println!("cargo::error={from}: {why}");
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn convert(
    from: &str,
    to: &str,
    generate: fn(&str) -> Result<String, String>,
) -> Result<(), String> {
    let text = std::fs::read_to_string(from).map_err(|error| error.to_string())?;
    let code = generate(&text)?;
    let folder = std::env::var("OUT_DIR").map_err(|error| error.to_string())?;
    std::fs::write(Path::new(&folder).join(to), code).map_err(|error| error.to_string())
}

fn fleet(text: &str) -> Result<String, String> {
    let mut unicorns = fleet_file::read(text)?;
    // Of unicorns at the same distance the first by name is sent, which is the first in the array.
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
    Ok(code)
}

/// As `geo::UnitVector::from`, but with libm's functions: those of two hosts may differ in the last
/// bit, and the artifact must not.
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

/// Each certificate as the bytes between its BEGIN and END.
fn amazon_roots(text: &str) -> Result<String, String> {
    let mut code = String::from("&[\n");
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (base64, _) = block
            .split_once("-----END")
            .ok_or("a certificate has no end")?;
        let base64: String = base64.split_whitespace().collect();
        let bytes = STANDARD.decode(base64).map_err(|error| error.to_string())?;
        writeln!(code, "&{bytes:?},").map_err(|error| error.to_string())?;
    }
    code.push(']');
    Ok(code)
}
