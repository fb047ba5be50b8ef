// confluent-kafka-go: one delivery channel for all records.
package main

import (
	"log"
	"strings"

	"clients/kit"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func main() {
	orders, err := kit.Orders()
	if err != nil {
		log.Fatal(err)
	}
	producer, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers":  strings.Join(kit.Brokers(), ","),
		"acks":               "all",
		"enable.idempotence": true,
	})
	if err != nil {
		log.Fatal(err)
	}
	topic := kit.Topic("orders")
	outcomes := make(chan kafka.Event, len(orders))
	var report kit.Report
	queued := 0
	for _, order := range orders {
		message := &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
			Key:            []byte(order.Customer),
			Value:          order.JSON,
		}
		if err := producer.Produce(message, outcomes); err != nil {
			report.Count(0, err)
		} else {
			queued++
		}
	}
	for ; queued > 0; queued-- {
		sent := (<-outcomes).(*kafka.Message)
		report.Count(sent.TopicPartition.Partition, sent.TopicPartition.Error)
	}
	producer.Close()
	report.HandIn()
}
