// franz-go: three attempts with growing pauses, ProduceSync for the letter, the offset afterwards.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

// attempt returns why an order failed three times, or nothing.
func attempt(world *kit.Downstream, order json.RawMessage) (reason string) {
	for _, pause := range []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 0} {
		err := world.Call("process", order)
		if err == nil {
			return ""
		}
		if !errors.As(err, &kit.Refused{}) {
			log.Fatal(err)
		}
		reason = err.Error()
		time.Sleep(pause)
	}
	return reason
}

func letter(record *kgo.Record, reason string, retries int) *kgo.Record {
	headers := append([]kgo.RecordHeader(nil), record.Headers...)
	for _, header := range [][2]string{
		{"original_topic", record.Topic},
		{"original_partition", fmt.Sprint(record.Partition)},
		{"original_offset", fmt.Sprint(record.Offset)},
		{"error", reason},
		{"retry_count", fmt.Sprint(retries)},
	} {
		headers = append(headers, kgo.RecordHeader{Key: header[0], Value: []byte(header[1])})
	}
	return &kgo.Record{Topic: kit.Topic("orders-dlq"), Key: record.Key, Value: record.Value, Headers: headers}
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(kit.Group("order-processor")),
		kgo.ConsumeTopics(kit.Topic("orders")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	setAside := func(record *kgo.Record, reason string, retries int) {
		for {
			err := client.ProduceSync(context.Background(), letter(record, reason, retries)).FirstErr()
			if err == nil {
				return
			}
			log.Print("refused letter: ", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		for records := fetches.RecordIter(); !records.Done() && ctx.Err() == nil; {
			record := records.Next()
			if !json.Valid(record.Value) {
				setAside(record, "not JSON", 0)
			} else if reason := attempt(world, record.Value); reason != "" {
				setAside(record, reason, 2)
			}
			if err := client.CommitRecords(context.Background(), record); err != nil {
				log.Print("not committed: ", err)
			}
		}
	}
}
