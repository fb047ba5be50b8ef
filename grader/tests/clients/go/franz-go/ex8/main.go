// franz-go: PollRecords until the batch is full or due. A rebalance waits until what was polled is committed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"slices"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	size    = 10
	maxWait = 500 * time.Millisecond
	glance  = 100 * time.Millisecond
)

// batch is a full batch, or what has come when its first record has waited for maxWait; nothing, when nothing came.
func batch(ctx context.Context, client *kgo.Client) (orders []json.RawMessage, records []*kgo.Record) {
	due := time.Now().Add(glance)
	for len(orders) < size && ctx.Err() == nil && time.Now().Before(due) {
		poll, cancel := context.WithDeadline(ctx, due)
		fetches := client.PollRecords(poll, size-len(orders))
		cancel()
		fetches.EachError(func(topic string, partition int32, err error) {
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
				log.Printf("%s:%d: %v", topic, partition, err)
			}
		})
		for iter := fetches.RecordIter(); !iter.Done(); {
			record := iter.Next()
			if len(records) == 0 {
				due = time.Now().Add(maxWait)
			}
			records = append(records, record)
			if json.Valid(record.Value) {
				orders = append(orders, record.Value)
			} else {
				log.Printf("skipped: no JSON at %d:%d", record.Partition, record.Offset)
			}
		}
	}
	return orders, records
}

func group() string {
	if kit.Mode() == "sharing" {
		return kit.Group("shared")
	}
	return kit.Group(kit.Role())
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(kit.Brokers()...),
		kgo.ConsumerGroup(group()),
		kgo.ConsumeTopics(kit.Topic("orders")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
	}
	if kit.ConsumerProtocol() {
		options = append(options, kgo.ServerSideBalancer())
	}
	var done []*kgo.Record // processed, and not committed yet: a group that rebalances may refuse that
	commit := func(client *kgo.Client) {
		if err := client.CommitRecords(context.Background(), done...); err != nil {
			log.Print("not committed: ", err)
			return
		}
		done = nil
	}
	options = append(options, kgo.OnPartitionsRevoked(func(_ context.Context, client *kgo.Client, gone map[string][]int32) {
		commit(client) // rebalances are blocked while we work
		done = slices.DeleteFunc(done, func(record *kgo.Record) bool {
			return slices.Contains(gone[record.Topic], record.Partition)
		})
	}))
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	for ctx.Err() == nil {
		orders, records := batch(ctx, client)
		if len(orders) > 0 {
			if err := world.Call("process_batch", orders); err != nil {
				log.Fatal(err)
			}
		}
		done = append(done, records...)
		commit(client)
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance() // leaves the group
}
