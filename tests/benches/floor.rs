//! The floor: inflates each file given on a thread of its own and does nothing with it. All begin together, as those
//! of heapdiff do.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Barrier;
use std::thread;

use flate2::bufread::MultiGzDecoder;

fn main() -> io::Result<()> {
    let start = Barrier::new(std::env::args().skip(1).count());
    thread::scope(|scope| {
        let inflate = |path| -> io::Result<()> {
            start.wait();
            let mut plain = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, File::open(path)?));
            let mut window = vec![0; 256 << 10];
            while plain.read(&mut window)? > 0 {}
            Ok(())
        };
        let threads: Vec<_> = std::env::args().skip(1).map(|path| scope.spawn(move || inflate(path))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::Error::other("a thread panicked"))?)
    })
}
