//! Writes generated profiles: `cargo run --release --example generate -- FOLDER SIZE [OPTION ...]`.
//!
//! SIZE is S, M, L, XL or SAMPLESxLOCATIONS. Options: `pprof` for google/pprof's order of fields,
//! `unpacked`, `members=N`, `series=N` instead of a pair, `dead=N` for N times the dead buckets, `raw`.

mod generator;

use std::error::Error;
use std::fs;
use std::path::Path;

use generator::{Layout, Shape};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(size)) = (args.next(), args.next()) else {
        return Err("usage: generate FOLDER SIZE [pprof] [unpacked] [raw] [members=N] [series=N] [dead=N]".into());
    };
    let free = |size: &str| -> Option<Shape> {
        let (samples, locations) = size.split_once('x')?;
        Some(Shape::new(samples.parse().ok()?, locations.parse().ok()?))
    };
    let mut shape = Shape::named(&size).or_else(|| free(&size)).ok_or("SIZE is S, M, L, XL or SAMPLESxLOCATIONS")?;
    let (mut members, mut steps, mut raw) = (1, 2, false);
    for option in args {
        match option.split_once('=') {
            None if option == "pprof" => shape.layout = Layout::Pprof,
            None if option == "unpacked" => shape.packed = false,
            None if option == "raw" => raw = true,
            Some(("members", count)) => members = count.parse()?,
            Some(("series", count)) => steps = count.parse()?,
            Some(("dead", factor)) => shape.dead *= factor.parse::<usize>()?,
            _ => return Err(format!("unknown option {option}").into()),
        }
    }
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for step in 0..steps {
        let mut bytes = Vec::new();
        shape.write(step, steps, &mut bytes)?;
        let name = if raw { format!("heap_{step:04}.pb") } else { format!("heap_{step:04}.pb.gz") };
        fs::write(folder.join(name), if raw { bytes } else { generator::gzip(&bytes, members)? })?;
    }
    Ok(())
}
