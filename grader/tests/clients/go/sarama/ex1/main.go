// sarama: AsyncProducer, with both channels read until each record has its outcome.
package main

import (
	"log"

	"clients/kit"

	"github.com/IBM/sarama"
)

func main() {
	orders, err := kit.Orders()
	if err != nil {
		log.Fatal(err)
	}
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1 // sarama asks for that with idempotence
	config.Producer.Retry.Max = 20
	config.Producer.Return.Successes = true
	producer, err := sarama.NewAsyncProducer(kit.Brokers(), config)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		topic := kit.Topic("orders")
		for _, order := range orders {
			producer.Input() <- &sarama.ProducerMessage{
				Topic: topic, Key: sarama.StringEncoder(order.Customer), Value: sarama.ByteEncoder(order.JSON),
			}
		}
	}()
	var report kit.Report
	for range orders {
		select {
		case sent := <-producer.Successes():
			report.Count(sent.Partition, nil)
		case failed := <-producer.Errors():
			report.Count(0, failed)
		}
	}
	if err := producer.Close(); err != nil {
		log.Fatal(err)
	}
	report.HandIn()
}
