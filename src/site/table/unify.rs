//! Keys under which lines meet although one profile knows less than another.

use super::cells::{self, Cell};
use super::site_table::SiteTable;
use crate::index::NONE;
use crate::site::key::Granularity;

/// Keys the lines of all tables by function, file and line number if some profiles know the first lines of their
/// functions and others do not: an offset from the first line never meets a line number.
pub fn unify_line_keys(tables: &mut [&mut SiteTable<'_>]) {
    let some_known = tables.iter().any(|table| table.start_lines.some_known);
    let some_missing = tables.iter().any(|table| table.start_lines.some_missing);
    if some_known && some_missing {
        tables.iter_mut().for_each(|table| table.rekey_by_file_line());
    }
}

impl SiteTable<'_> {
    fn rekey_by_file_line(&mut self) {
        let new_index = self.index.rekey_by_file_line();
        let new = |line: u32| if line == NONE { NONE } else { new_index[line as usize] };
        for cell in &mut self.cells {
            let line = new(cell.line);
            *cell = Cell::new(self.index.site_of(line), line, [new(cell.owner), new(cell.allocator)], cell.sum);
        }
        cells::merge(&mut self.cells);
        if self.index.granularity == Granularity::Lines {
            self.buckets.rekey(new);
            self.runs.iter_mut().for_each(|run| run.rekey(new));
            self.cum.rekey(&new_index);
        }
        self.stacks.rekey(&new_index);
        let runtime_lines = std::mem::take(&mut self.runtime_lines);
        self.runtime_lines = runtime_lines.into_iter().map(|(line, class)| (new(line), class)).collect();
        self.group_by_site();
    }
}
