// franz-go: a GroupTransactSession, and what PollRecords brings is one transaction.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

type order struct {
	ID         string `json:"order_id"`
	Customer   string `json:"customer_id"`
	Quantity   int64  `json:"quantity"`
	PriceCents int64  `json:"price_cents"`
}

type payment struct {
	OrderID     string `json:"order_id"`
	Customer    string `json:"customer_id"`
	AmountCents int64  `json:"amount_cents"`
}

// pay sends a payment for each order, and says whether all of them may count.
func pay(world *kit.Downstream, session *kgo.GroupTransactSession, records []*kgo.Record) bool {
	produced := kgo.AbortingFirstErrPromise(session.Client())
	for _, record := range records {
		var order order
		if err := json.Unmarshal(record.Value, &order); err != nil {
			log.Printf("no order at %d:%d: %v", record.Partition, record.Offset, err)
			continue
		}
		if err := world.Call("approve", json.RawMessage(record.Value)); err != nil {
			if !errors.As(err, &kit.Refused{}) {
				log.Fatal(err)
			}
			log.Printf("%s: %v", order.ID, err)
			return false
		}
		value, err := json.Marshal(payment{order.ID, order.Customer, order.Quantity * order.PriceCents})
		if err != nil {
			log.Fatal(err)
		}
		session.Produce(context.Background(), &kgo.Record{Key: record.Key, Value: value}, produced.Promise())
	}
	if err := produced.Err(); err != nil {
		log.Print("not produced: ", err)
		return false
	}
	return true
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	group := kit.Group("payment-service")
	options := []kgo.Opt{
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(kit.Topic("orders")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.TransactionalID(group + "-" + kit.Role()),
		kgo.DefaultProduceTopic(kit.Topic("payments")),
	}
	if kit.ConsumerProtocol() {
		options = append(options, kgo.ServerSideBalancer())
	}
	session, err := kgo.NewGroupTransactSession(options...)
	if err != nil {
		log.Fatal(err)
	}
	// Ends now, and not at the first payment, what a predecessor has left open.
	if _, _, err := session.Client().ProducerID(context.Background()); err != nil {
		log.Fatal(err)
	}
	for ctx.Err() == nil {
		fetches := session.PollRecords(ctx, 50)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		if fetches.Empty() {
			continue
		}
		if err := session.Begin(); err != nil {
			log.Fatal(err)
		}
		good := pay(world, session, fetches.Records())
		// An abort takes the session back to where the group stands.
		committed, err := session.End(context.Background(), kgo.TransactionEndTry(good))
		if err != nil {
			log.Fatal(err) // such as: another process has taken our place
		}
		if !committed {
			log.Print("aborted")
		}
	}
	session.Close() // leaves the group
}
