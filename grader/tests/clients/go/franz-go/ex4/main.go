// franz-go and SQLite: one transaction for each payment, its offset afterwards.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log"
	"path/filepath"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite"
)

func apply(db *sql.DB, value []byte) error {
	var payment struct {
		ID          string `json:"payment_id"`
		Customer    string `json:"customer_id"`
		AmountCents int64  `json:"amount_cents"`
	}
	if err := json.Unmarshal(value, &payment); err != nil {
		return err
	}
	transaction, err := db.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	noted, err := transaction.Exec("INSERT INTO applied VALUES (?) ON CONFLICT DO NOTHING", payment.ID)
	if err != nil {
		return err
	}
	if rows, _ := noted.RowsAffected(); rows > 0 {
		if _, err := transaction.Exec(`INSERT INTO balances VALUES (?, ?) ON CONFLICT (customer_id)
			DO UPDATE SET total_cents = total_cents + excluded.total_cents`, payment.Customer, payment.AmountCents); err != nil {
			return err
		}
	}
	return transaction.Commit()
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	file := filepath.Join(kit.Folder(), "payments.db")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(30000)&_txlock=immediate")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL)`); err != nil {
		log.Fatal(err)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(kit.Group("payments")),
		kgo.ConsumeTopics(kit.Topic("payments")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		for records := fetches.RecordIter(); !records.Done() && ctx.Err() == nil; {
			record := records.Next()
			if err := apply(db, record.Value); err != nil {
				log.Fatal(err)
			}
			if err := client.CommitRecords(context.Background(), record); err != nil {
				log.Print("not committed: ", err)
			}
		}
	}
}
