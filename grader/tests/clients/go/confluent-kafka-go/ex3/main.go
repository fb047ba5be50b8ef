// confluent-kafka-go: cooperative-sticky or the consumer protocol, a commit when partitions are taken away.
package main

import (
	"encoding/json"
	"log"
	"strings"

	"clients/kit"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// done has the next offset of each partition that is processed and not committed.
var done = map[int32]kafka.TopicPartition{}

func commit(consumer *kafka.Consumer, partitions []int32) {
	var offsets []kafka.TopicPartition
	for _, partition := range partitions {
		if offset, some := done[partition]; some {
			offsets = append(offsets, offset)
			delete(done, partition)
		}
	}
	if len(offsets) == 0 {
		return
	}
	if _, err := consumer.CommitOffsets(offsets); err != nil {
		log.Print("not committed: ", err)
	}
}

// rebalance is called within Poll and Close. What goes is committed; the rest is the library's.
func rebalance(consumer *kafka.Consumer, event kafka.Event) error {
	revoked, some := event.(kafka.RevokedPartitions)
	if !some {
		return nil
	}
	var going []int32
	for _, place := range revoked.Partitions {
		going = append(going, place.Partition)
	}
	if !consumer.AssignmentLost() {
		commit(consumer, going)
	}
	for _, partition := range going {
		delete(done, partition)
	}
	return nil
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	config := &kafka.ConfigMap{
		"bootstrap.servers":  strings.Join(kit.Brokers(), ","),
		"group.id":           kit.Group("scaling"),
		"auto.offset.reset":  "earliest",
		"enable.auto.commit": false,
	}
	if kit.ConsumerProtocol() {
		config.SetKey("group.protocol", "consumer")
	} else {
		config.SetKey("partition.assignment.strategy", "cooperative-sticky")
	}
	consumer, err := kafka.NewConsumer(config)
	if err != nil {
		log.Fatal(err)
	}
	defer consumer.Close()
	if err := consumer.Subscribe(kit.Topic("high-volume"), rebalance); err != nil {
		log.Fatal(err)
	}
	for count := 0; ctx.Err() == nil; {
		switch event := consumer.Poll(200).(type) {
		case *kafka.Message:
			if err := world.Call("process", json.RawMessage(event.Value)); err != nil {
				log.Fatal(err)
			}
			place := event.TopicPartition
			place.Offset++
			done[place.Partition] = place
			if count++; count%10 == 0 {
				commit(consumer, partitions())
			}
		case kafka.Error:
			log.Print(event)
		}
	}
	commit(consumer, partitions())
}

func partitions() (all []int32) {
	for partition := range done {
		all = append(all, partition)
	}
	return all
}
