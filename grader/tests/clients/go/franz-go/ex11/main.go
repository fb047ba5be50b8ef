// franz-go and SQLite: four services, each with its group and its database.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite"
)

type basket struct {
	ID       string `json:"order_id"`
	Customer string `json:"customer_id"`
	PlacedAt string `json:"placed_at"`
	Items    []struct {
		Product    string `json:"product"`
		Quantity   int64  `json:"quantity"`
		PriceCents int64  `json:"price_cents"`
	} `json:"items"`
}

type event struct {
	Type      string          `json:"event_type"`
	ID        string          `json:"event_id"`
	Timestamp string          `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

func record(topic, key string, e event) *kgo.Record {
	value, err := json.Marshal(e)
	must(err)
	return &kgo.Record{Topic: kit.Topic(topic), Key: []byte(key), Value: value}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func open(file, tables string) *sql.DB {
	path := filepath.Join(kit.Folder(), file)
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)&_txlock=immediate")
	must(err)
	_, err = db.Exec(tables)
	must(err)
	return db
}

// within runs work in a transaction, which takes the write lock before anything is read.
func within(db *sql.DB, work func(*sql.Tx) error) error {
	transaction, err := db.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	if err := work(transaction); err != nil {
		return err
	}
	return transaction.Commit()
}

// changed says whether the statement changed a row.
func changed(transaction *sql.Tx, statement string, arguments ...any) (bool, error) {
	result, err := transaction.Exec(statement, arguments...)
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

func order() {
	client, err := kgo.NewClient(kgo.SeedBrokers(kit.Brokers()...))
	must(err)
	lines, err := kit.Orders()
	must(err)
	var records []*kgo.Record
	for _, line := range lines {
		var placed basket
		must(json.Unmarshal(line.JSON, &placed))
		records = append(records, record("orders", placed.ID, event{"order.placed", "placed-" + placed.ID, placed.PlacedAt, line.JSON}))
	}
	must(client.ProduceSync(context.Background(), records...).FirstErr())
	client.Close()
}

// serve hands each readable order.placed to handle, and commits behind it.
func serve(service string, handle func(context.Context, *kgo.Client, event, basket) error) {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(kit.Group(service)),
		kgo.ConsumeTopics(kit.Topic("orders")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	must(err)
	defer client.Close()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		for records := fetches.RecordIter(); !records.Done() && ctx.Err() == nil; {
			next := records.Next()
			var e event
			var placed basket
			if json.Unmarshal(next.Value, &e) == nil && e.Type == "order.placed" && e.ID != "" &&
				json.Unmarshal(e.Data, &placed) == nil && placed.ID != "" {
				if err := handle(ctx, client, e, placed); errors.Is(err, context.Canceled) {
					return
				} else if err != nil {
					log.Fatal(err)
				}
			}
			if err := client.CommitRecords(context.Background(), next); err != nil {
				log.Print("not committed: ", err)
			}
		}
	}
}

func email() {
	db := open("email.db", "CREATE TABLE IF NOT EXISTS mailed (order_id TEXT PRIMARY KEY)")
	world, err := kit.Connect()
	must(err)
	serve("email", func(ctx context.Context, _ *kgo.Client, _ event, placed basket) error {
		var known int
		if err := db.QueryRow("SELECT count(*) FROM mailed WHERE order_id = ?", placed.ID).Scan(&known); err != nil || known > 0 {
			return err
		}
		mail := map[string]string{"order_id": placed.ID, "customer_id": placed.Customer}
		for {
			err := world.Call("mail", mail)
			var refused kit.Refused
			if err == nil {
				break
			} else if !errors.As(err, &refused) {
				return err
			} else if ctx.Err() != nil {
				return ctx.Err()
			}
			time.Sleep(50 * time.Millisecond)
		}
		_, err := db.Exec("INSERT INTO mailed VALUES (?)", placed.ID)
		return err
	})
}

func reserve(db *sql.DB, placed basket) (answer string, err error) {
	err = within(db, func(transaction *sql.Tx) error {
		err := transaction.QueryRow("SELECT event_type FROM answers WHERE order_id = ?", placed.ID).Scan(&answer)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := transaction.Exec("SAVEPOINT items"); err != nil {
			return err
		}
		answer = "inventory.reserved"
		for _, item := range placed.Items {
			taken, err := changed(transaction, "UPDATE stock SET pieces = pieces - ?1 WHERE product = ?2 AND pieces >= ?1", item.Quantity, item.Product)
			if err != nil {
				return err
			}
			if !taken {
				answer = "inventory.failed"
				if _, err := transaction.Exec("ROLLBACK TO items"); err != nil {
					return err
				}
				break
			}
		}
		_, err = transaction.Exec("INSERT INTO answers VALUES (?, ?)", placed.ID, answer)
		return err
	})
	return answer, err
}

func inventory() {
	db := open("inventory.db", `CREATE TABLE IF NOT EXISTS stock (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL);
		CREATE TABLE IF NOT EXISTS answers (order_id TEXT PRIMARY KEY, event_type TEXT NOT NULL);
		INSERT INTO stock VALUES ('desk', 20), ('lamp', 20), ('chair', 20), ('shelf', 20), ('rug', 20) ON CONFLICT DO NOTHING`)
	serve("inventory", func(_ context.Context, client *kgo.Client, _ event, placed basket) error {
		answer, err := reserve(db, placed)
		if err != nil {
			return err
		}
		data, err := json.Marshal(map[string]string{"order_id": placed.ID})
		if err != nil {
			return err
		}
		now := time.Now().UTC().Format(time.RFC3339)
		said := record("inventory", placed.ID, event{answer, "reservation-" + placed.ID, now, data})
		return client.ProduceSync(context.Background(), said).FirstErr()
	})
}

func analytics() {
	db := open("analytics.db", `CREATE TABLE IF NOT EXISTS counted (event_id TEXT PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS totals (product TEXT PRIMARY KEY, pieces INTEGER NOT NULL, cents INTEGER NOT NULL)`)
	serve("analytics", func(_ context.Context, _ *kgo.Client, e event, placed basket) error {
		return within(db, func(transaction *sql.Tx) error {
			isNew, err := changed(transaction, "INSERT INTO counted VALUES (?) ON CONFLICT DO NOTHING", e.ID)
			if err != nil || !isNew {
				return err
			}
			for _, item := range placed.Items {
				if _, err := transaction.Exec(`INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (product)
					DO UPDATE SET pieces = pieces + excluded.pieces, cents = cents + excluded.cents`,
					item.Product, item.Quantity, item.Quantity*item.PriceCents); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func main() {
	switch strings.Split(os.Getenv("KAFKACOURSE_ROLE"), "-")[0] {
	case "order":
		order()
	case "email":
		email()
	case "inventory":
		inventory()
	case "analytics":
		analytics()
	default:
		log.Fatal("KAFKACOURSE_ROLE names no service")
	}
}
