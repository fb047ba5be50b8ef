// confluent-kafka-go: Poll, StoreMessage after the work, and Commit, which commits what is stored.
package main

import (
	"encoding/json"
	"log"
	"strings"

	"clients/kit"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	config := &kafka.ConfigMap{
		"bootstrap.servers":        strings.Join(kit.Brokers(), ","),
		"group.id":                 kit.Group("order-processor"),
		"auto.offset.reset":        "earliest",
		"enable.auto.commit":       false,
		"enable.auto.offset.store": false,
	}
	if kit.ConsumerProtocol() {
		config.SetKey("group.protocol", "consumer")
	}
	consumer, err := kafka.NewConsumer(config)
	if err != nil {
		log.Fatal(err)
	}
	defer consumer.Close() // leaves the group
	if err := consumer.Subscribe(kit.Topic("orders"), nil); err != nil {
		log.Fatal(err)
	}
	commit := func() {
		if _, err := consumer.Commit(); err != nil && err.(kafka.Error).Code() != kafka.ErrNoOffset {
			log.Print("not committed: ", err)
		}
	}
	store := func(message *kafka.Message) {
		if _, err := consumer.StoreMessage(message); err != nil {
			log.Print(err)
		}
	}
	count := 0
	for ctx.Err() == nil {
		switch event := consumer.Poll(200).(type) {
		case *kafka.Message:
			if !json.Valid(event.Value) {
				log.Print("skipped: no JSON at ", event.TopicPartition)
				store(event)
				continue
			}
			if err := world.Call("process", json.RawMessage(event.Value)); err != nil {
				log.Fatal(err)
			}
			store(event)
			if count++; count%10 == 0 {
				commit()
			}
		case kafka.Error:
			log.Print(event)
		}
	}
	commit()
}
