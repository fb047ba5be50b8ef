// kafka-go: Writer with a Completion for each batch. It has no idempotent producer, and that is what the check says.
package main

import (
	"context"
	"log"
	"sync"
	"time"

	"clients/kit"

	"github.com/segmentio/kafka-go"
)

func main() {
	orders, err := kit.Orders()
	if err != nil {
		log.Fatal(err)
	}
	var mu sync.Mutex
	var report kit.Report
	writer := &kafka.Writer{
		Addr:         kafka.TCP(kit.Brokers()...),
		Topic:        kit.Topic("orders"),
		Balancer:     &kafka.Murmur2Balancer{},
		RequiredAcks: kafka.RequireAll,
		BatchTimeout: 10 * time.Millisecond,
		MaxAttempts:  20,
		Async:        true,
		Completion: func(messages []kafka.Message, err error) {
			mu.Lock()
			defer mu.Unlock()
			for _, message := range messages {
				report.Count(int32(message.Partition), err)
			}
		},
	}
	for _, order := range orders {
		message := kafka.Message{Key: []byte(order.Customer), Value: order.JSON}
		if err := writer.WriteMessages(context.Background(), message); err != nil {
			report.Count(0, err)
		}
	}
	if err := writer.Close(); err != nil { // waits for every batch
		log.Print(err)
	}
	report.HandIn()
}
