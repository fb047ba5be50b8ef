// franz-go: a promise for each payment, and a clock of the program's own: the client does not give up what may be stored.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 5 * time.Second

// word is what can be said after this error.
func word(err error) string {
	if err == nil {
		return "acknowledged"
	}
	log.Print(err)
	var broker *kerr.Error
	if errors.As(err, &broker) && !broker.Retriable {
		return "failed"
	}
	return "unknown"
}

func main() {
	payments, err := kit.Orders()
	if err != nil {
		log.Fatal(err)
	}
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	// acks=all and idempotence are the defaults.
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.DefaultProduceTopic(kit.Topic("payments")),
		kgo.MetadataMinAge(250*time.Millisecond), // looks for a new leader at once, and not after 5 s
		kgo.RecordDeliveryTimeout(patience),
	)
	if err != nil {
		log.Fatal(err)
	}
	words := map[string]string{}
	tell := func(id, outcome string) {
		words[id] = outcome
		if err := world.Call("outcome", map[string]string{"payment_id": id, "outcome": outcome}); err != nil {
			log.Fatal(err)
		}
	}

	type settled struct {
		id  string
		err error
	}
	promises := make(chan settled, len(payments))
	for _, payment := range payments {
		record := &kgo.Record{Key: []byte(payment.Customer), Value: payment.JSON}
		client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
			promises <- settled{payment.Payment, err}
		})
	}
	for late := time.After(patience + time.Second); late != nil && len(words) < len(payments); {
		select {
		case promise := <-promises:
			tell(promise.id, word(promise.err))
		case <-late:
			late = nil
		}
	}
	status := 0
	for _, payment := range payments {
		if words[payment.Payment] == "" {
			tell(payment.Payment, "unknown")
		}
		if words[payment.Payment] != "acknowledged" {
			status = 1
		}
	}
	os.Exit(status) // what the client still tries ends here
}
