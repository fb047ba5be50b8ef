// franz-go: a promise for each record, and Flush. Idempotence and acks=all are its defaults.
package main

import (
	"context"
	"log"
	"sync"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	orders, err := kit.Orders()
	if err != nil {
		log.Fatal(err)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.DefaultProduceTopic(kit.Topic("orders")),
		kgo.MetadataMinAge(200*time.Millisecond), // a batch is tried again with fresh metadata, which wait for 5 s by default
	)
	if err != nil {
		log.Fatal(err)
	}
	var mu sync.Mutex
	var report kit.Report
	for _, order := range orders {
		record := &kgo.Record{Key: []byte(order.Customer), Value: order.JSON}
		client.Produce(context.Background(), record, func(record *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			report.Count(record.Partition, err)
		})
	}
	if err := client.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
	client.Close()
	report.HandIn()
}
