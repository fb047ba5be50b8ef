// franz-go: PollFetches in a group, and CommitRecords with the last record of each partition.
package main

import (
	"context"
	"encoding/json"
	"log"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(kit.Group("order-processor")),
		kgo.ConsumeTopics(kit.Topic("orders")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	}
	if kit.ConsumerProtocol() {
		options = append(options, kgo.ServerSideBalancer())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close() // leaves the group
	done := map[int32]*kgo.Record{}
	commit := func() {
		records := make([]*kgo.Record, 0, len(done))
		for _, record := range done {
			records = append(records, record)
		}
		if err := client.CommitRecords(context.Background(), records...); err != nil {
			log.Print("not committed: ", err)
			return
		}
		clear(done)
	}
	count := 0
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
				log.Printf("skipped: no JSON at %d:%d", record.Partition, record.Offset)
				done[record.Partition] = record
				continue
			}
			if err := world.Call("process", json.RawMessage(record.Value)); err != nil {
				log.Fatal(err)
			}
			done[record.Partition] = record
			if count++; count%10 == 0 {
				commit()
			}
		}
	}
	commit()
}
