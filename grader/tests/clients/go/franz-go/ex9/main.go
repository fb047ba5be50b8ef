// franz-go: a promise for each record, and a channel of places as the window.
package main

import (
	"context"
	"encoding/json"
	"log"
	"sync"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

const window = 50

func main() {
	stopped, stop := kit.UntilStopped()
	defer stop()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	var mu sync.Mutex // one call at a time
	call := func(op string, args any) json.RawMessage {
		mu.Lock()
		defer mu.Unlock()
		value, err := world.Ask(op, args)
		if err != nil {
			log.Fatal(err)
		}
		return value
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.DefaultProduceTopic(kit.Topic("orders")),
		kgo.MetadataMinAge(200*time.Millisecond), // a batch is tried again with fresh metadata, which wait for 5 s by default
		kgo.ProducerLinger(5*time.Millisecond),
	)
	if err != nil {
		log.Fatal(err)
	}
	places := make(chan struct{}, window)
	for taking := true; taking; {
		select {
		case <-stopped.Done():
			taking = false
			continue
		case places <- struct{}{}:
		}
		var order struct {
			ID       string `json:"order_id"`
			Customer string `json:"customer_id"`
		}
		value := call("next", map[string]any{})
		if string(value) == "null" {
			break
		}
		if err := json.Unmarshal(value, &order); err != nil {
			log.Fatal(err)
		}
		record := &kgo.Record{Key: []byte(order.Customer), Value: value}
		client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
			op := "delivered"
			if err != nil {
				op = "failed"
			}
			call(op, map[string]string{"order_id": order.ID})
			<-places
		})
	}
	if err := client.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
	client.Close()
}
