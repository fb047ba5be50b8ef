//! A class as Canvas exports it: a folder of files that are called after their owners, and a gradebook.

use super::made::{Learner, Made, Work};
use super::packed::{unusable_zip, zip};
use std::path::Path;

impl Made {
    /// Writes the submissions as Canvas does (`lovelaceada_LATE_70001_90001_kafka.zip`) into `folder`, and the gradebook
    /// beside it, to the file `gradebook`.
    ///
    /// # Panics
    /// They cannot be written.
    pub fn write_canvas(&self, folder: &Path, gradebook: &Path) {
        std::fs::create_dir_all(folder).expect("a folder");
        for (position, learner) in self.learners.iter().enumerate() {
            let late = if learner.late { "_LATE" } else { "" };
            let name: String = learner.name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
            let file = format!("{name}{late}_{}_{}_kafka.zip", learner.number, learner.number + 20_000);
            let bytes = match learner.work {
                Work::Unusable(unusable) => unusable_zip(unusable),
                Work::Programs(_) => zip(&self.files(position)),
            };
            std::fs::write(folder.join(file), bytes).expect("a file");
        }
        std::fs::write(gradebook, self.gradebook()).expect("a file");
    }

    fn gradebook(&self) -> Vec<u8> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut row = |cells: [&str; 6]| table.write_record(cells).expect("into memory");
        row(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Kafka (4711)"]);
        row(["    Points Possible", "", "", "", "", "60"]);
        for Learner { id, name, number, .. } in &self.learners {
            row([name, &number.to_string(), &format!("S{number}"), id, "Kafka 101", ""]);
        }
        table.into_inner().expect("into memory")
    }
}
