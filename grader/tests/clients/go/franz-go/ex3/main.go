// franz-go: cooperative-sticky is its default. A rebalance waits for the records that were polled, and what goes is
// committed before it goes.
package main

import (
	"context"
	"encoding/json"
	"log"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

// done has the last record of each partition that is processed and not committed. With BlockRebalanceOnPoll the callbacks
// run while nothing is processed, so nothing else reads or writes it then.
var done = map[int32]*kgo.Record{}

func commit(client *kgo.Client, partitions []int32) {
	var records []*kgo.Record
	for _, partition := range partitions {
		if record := done[partition]; record != nil {
			records = append(records, record)
			delete(done, partition)
		}
	}
	if err := client.CommitRecords(context.Background(), records...); err != nil {
		log.Print("not committed: ", err)
	}
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	topic := kit.Topic("high-volume")
	options := []kgo.Opt{
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(kit.Group("scaling")),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsRevoked(func(_ context.Context, client *kgo.Client, going map[string][]int32) {
			commit(client, going[topic])
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			for _, partition := range lost[topic] {
				delete(done, partition)
			}
		}),
	}
	if kit.ConsumerProtocol() {
		options = append(options, kgo.ServerSideBalancer())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	for ctx.Err() == nil {
		fetches := client.PollRecords(ctx, 30)
		fetches.EachError(func(topic string, partition int32, err error) {
			if ctx.Err() == nil {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		for records := fetches.RecordIter(); !records.Done() && ctx.Err() == nil; {
			record := records.Next()
			if err := world.Call("process", json.RawMessage(record.Value)); err != nil {
				log.Fatal(err)
			}
			done[record.Partition] = record
		}
		for partition := range done {
			commit(client, []int32{partition})
		}
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance() // leaves the group
}
