//! Scales sides that did different amounts of work: by the operations of a benchmark, or by their totals.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cli::options::Work;
use crate::cli::steps::operations::{Allocated, count_operations};
use crate::cli::steps::{LoadedSide, input_name, refuse_secret};
use crate::decode::{BenchOutput, decode_bench_output};
use crate::diagnose::Operations;
use crate::input::{self, Limit, open_regular};
use crate::site::{Factors, Scale, Values};

/// Scales both sides as `work` says.
pub(crate) fn scale_sides(sides: &mut [LoadedSide<'_>; 2], work: &Work) -> Result<()> {
    match work {
        Work::AsItIs => Ok(()),
        Work::Benchmark(outputs) => divide_by_operations(sides, outputs),
        Work::Total => normalize(sides),
    }
}

fn divide_by_operations(sides: &mut [LoadedSide<'_>; 2], paths: &[PathBuf; 2]) -> Result<()> {
    let outputs = [read(&paths[0])?, read(&paths[1])?];
    if let Some(side) = sides.iter().find(|side| side.info.allocation_inputs < side.info.inputs.len()) {
        bail!(
            "{} does not count what was allocated: --bench expects profiles of go test -memprofile, or --sample-type alloc",
            side.name()
        );
    }
    // So few samples that none is of the benchmark are still of a test.
    if let Some(side) = sides.iter().find(|side| !side.work.has_benchmark && !side.info.program.contains(".test")) {
        bail!("{} has no allocations of a benchmark: --bench expects profiles of go test -memprofile", side.name());
    }
    if outputs[0].name != outputs[1].name {
        bail!(
            "{} lists {}, but {} lists {}: expected one benchmark, the same in both",
            input_name(&paths[0]),
            outputs[0].name,
            input_name(&paths[1]),
            outputs[1].name
        );
    }
    let allocated = sides.each_ref().map(|side| {
        let space = side.work.in_goroutines.space as f64;
        Allocated {
            space: side.sites.counted().space.then_some(space),
            all: side.work.all.space as f64,
            period: side.info.period_bytes as f64,
        }
    });
    let operations = count_operations(&outputs, &allocated, paths)?;
    for (side, operations) in sides.iter_mut().zip(operations) {
        let operations = Operations { allocated: side.sites.sum(), ..operations };
        side.sites.set_scale(Scale::PerOperation(operations.count));
        side.info.operations = Some(operations);
    }
    Ok(())
}

fn read(path: &Path) -> Result<BenchOutput> {
    if path != Path::new(input::STDIN) && !input::is_url(path) {
        open_regular(path).with_context(|| input_name(path))?;
    }
    let text = input::open(path).and_then(|raw| input::inflate(raw, Limit::default()));
    let (text, ..) = text.with_context(|| input_name(path))?;
    let decoded = decode_bench_output(text);
    decoded.as_ref().err().map_or(Ok(()), |error| refuse_secret(error, &input::secrets(path)))?;
    decoded.with_context(|| input_name(path))
}

/// Scales the later side to the totals of the base.
fn normalize(sides: &mut [LoadedSide<'_>; 2]) -> Result<()> {
    let [base, current] = sides;
    let (to, from) = (base.work.all, current.work.all);
    for side in [&*base, &*current] {
        if side.work.all == Values::default() {
            bail!("--normalize: {} has nothing by which to scale", side.name());
        }
    }
    base.sites.set_scale(Scale::Normalized(Factors { objects: 1.0, space: 1.0 }));
    current.sites.set_scale(Scale::Normalized(Factors::between(from, to)));
    Ok(())
}
