// kafka-go: Reader in a group, FetchMessage and CommitMessages.
package main

import (
	"context"
	"encoding/json"
	"log"

	"clients/kit"

	"github.com/segmentio/kafka-go"
)

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:     kit.Brokers(),
		GroupID:     kit.Group("order-processor"),
		Topic:       kit.Topic("orders"),
		StartOffset: kafka.FirstOffset,
	})
	var done []kafka.Message
	commit := func() {
		if err := reader.CommitMessages(context.Background(), done...); err != nil {
			log.Print("not committed: ", err)
			return
		}
		done = nil
	}
	count := 0
	for ctx.Err() == nil {
		message, err := reader.FetchMessage(ctx)
		if err != nil {
			if ctx.Err() == nil {
				log.Print(err)
			}
			continue
		}
		if !json.Valid(message.Value) {
			log.Printf("skipped: no JSON at %d:%d", message.Partition, message.Offset)
			done = append(done, message)
			continue
		}
		if err := world.Call("process", json.RawMessage(message.Value)); err != nil {
			log.Fatal(err)
		}
		done = append(done, message)
		if count++; count%10 == 0 {
			commit()
		}
	}
	commit()
	if err := reader.Close(); err != nil { // leaves the group
		log.Print(err)
	}
}
