// sarama: a ConsumerGroupHandler; its claims run side by side, and share one count and one connection to the world.
package main

import (
	"context"
	"encoding/json"
	"log"
	"sync"

	"clients/kit"

	"github.com/IBM/sarama"
)

type handler struct {
	mu    sync.Mutex
	world *kit.Downstream
	count int
}

func (h *handler) Setup(sarama.ConsumerGroupSession) error { return nil }

// Cleanup comes when all claims have ended and before the partitions go.
func (h *handler) Cleanup(session sarama.ConsumerGroupSession) error {
	session.Commit()
	return nil
}

func (h *handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		if session.Context().Err() != nil {
			break
		}
		h.handle(session, message)
	}
	return nil
}

func (h *handler) handle(session sarama.ConsumerGroupSession, message *sarama.ConsumerMessage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if session.Context().Err() != nil { // asked to stop while another claim was at work
		return
	}
	if !json.Valid(message.Value) {
		log.Printf("skipped: no JSON at %d:%d", message.Partition, message.Offset)
		session.MarkMessage(message, "")
		return
	}
	if err := h.world.Call("process", json.RawMessage(message.Value)); err != nil {
		log.Fatal(err)
	}
	session.MarkMessage(message, "")
	if h.count++; h.count%10 == 0 {
		session.Commit()
	}
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Return.Errors = true
	group, err := sarama.NewConsumerGroup(kit.Brokers(), kit.Group("order-processor"), config)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for err := range group.Errors() {
			log.Print(err)
		}
	}()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	consume(ctx, group, &handler{world: world})
	if err := group.Close(); err != nil { // leaves the group
		log.Print(err)
	}
}

// consume goes on over rebalances and errors until it is asked to stop.
func consume(ctx context.Context, group sarama.ConsumerGroup, h *handler) {
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{kit.Topic("orders")}, h); err != nil {
			log.Print(err)
		}
	}
}
