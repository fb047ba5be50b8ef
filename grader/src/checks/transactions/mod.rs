//! Transactions: what is sent in them, how they end, and what somebody sees who reads committed records only.

mod ends_transactions;
mod fences;
mod offsets_in_transaction;
mod reads_committed;
mod results_once;
mod transactional;
mod transactional_ids;

pub use ends_transactions::EndsTransactions;
pub use fences::Fences;
pub use offsets_in_transaction::OffsetsInTransaction;
pub use reads_committed::ReadsCommitted;
pub use results_once::ResultsOnce;
pub use transactional::Transactional;
pub use transactional_ids::TransactionalIds;
