// franz-go's kadm: what is committed, and where each log begins and ends, for all groups at once.
package main

import (
	"context"
	"errors"
	"log"
	"strconv"
	"time"

	"clients/kit"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const limit = 10

// watched is a group, and what is remembered of it from one question to the next.
type watched struct {
	name  string
	total *int64
	above map[int32]bool
}

type report struct {
	Group string            `json:"group"`
	Lag   map[string]*int64 `json:"lag"`
	Total *int64            `json:"total"`
	Trend *string           `json:"trend"`
}

// lags says how far the groups are behind in each partition of the topic; nil where nobody can know.
func lags(ctx context.Context, admin *kadm.Client, topic string, groups []*watched) (map[string]map[int32]*int64, error) {
	commits := map[string]kadm.OffsetResponses{}
	for _, group := range groups {
		offsets, err := admin.FetchOffsets(ctx, kit.Group(group.name))
		if err == nil {
			err = offsets.Error()
		}
		if err != nil {
			return nil, err
		}
		commits[group.name] = offsets
	}
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return nil, err
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, err
	}
	all := map[string]map[int32]*int64{}
	for name, offsets := range commits {
		all[name] = map[int32]*int64{}
		for partition, end := range ends[topic] {
			start, ok := starts.Lookup(topic, partition)
			if !ok {
				return nil, errors.New("no start of partition " + strconv.Itoa(int(partition)))
			}
			all[name][partition] = nil
			committed, ok := offsets.Lookup(topic, partition)
			if ok && committed.At >= 0 && committed.At <= end.Offset {
				behind := end.Offset - max(committed.At, start.Offset)
				all[name][partition] = &behind
			}
		}
	}
	return all, nil
}

func (g *watched) report(behind map[int32]*int64) report {
	said := report{Group: g.name, Lag: map[string]*int64{}}
	for partition, lag := range behind {
		said.Lag[strconv.Itoa(int(partition))] = lag
		if lag != nil {
			if said.Total == nil {
				said.Total = new(int64)
			}
			*said.Total += *lag
		}
	}
	if said.Total != nil && g.total != nil {
		trend := "steady"
		if *said.Total > *g.total {
			trend = "growing"
		} else if *said.Total < *g.total {
			trend = "shrinking"
		}
		said.Trend = &trend
	}
	g.total = said.Total
	return said
}

// crossings are the partitions that have come to the limit.
func (g *watched) crossings(behind map[int32]*int64) (crossed []int32) {
	for partition, lag := range behind {
		if lag == nil {
			continue
		}
		if *lag >= limit && !g.above[partition] {
			crossed = append(crossed, partition)
		}
		g.above[partition] = *lag >= limit
	}
	return crossed
}

func main() {
	ctx, cancel := kit.UntilStopped()
	defer cancel()
	world, err := kit.Connect()
	if err != nil {
		log.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(kit.Brokers()...))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	admin, topic := kadm.NewClient(client), kit.Topic("orders")
	groups := []*watched{}
	for _, name := range []string{"order-processor", "analytics", "billing"} {
		groups = append(groups, &watched{name: name, above: map[int32]bool{}})
	}
	call := func(op string, args any) {
		if err := world.Call(op, args); err != nil {
			log.Fatal(err)
		}
	}

	for ctx.Err() == nil {
		asked := make(chan error, 1)
		go func() { asked <- world.Call("next", struct{}{}) }()
		select {
		case <-ctx.Done():
			return // nobody has a question open
		case err := <-asked:
			if errors.As(err, &kit.Refused{}) {
				return
			}
			if err != nil {
				log.Fatal(err)
			}
		}
		all, err := lags(context.Background(), admin, topic, groups)
		for err != nil {
			log.Print("asking again: ", err)
			time.Sleep(100 * time.Millisecond)
			all, err = lags(context.Background(), admin, topic, groups)
		}
		for _, group := range groups {
			behind := all[group.name]
			for _, partition := range group.crossings(behind) {
				call("alert", map[string]any{"group": group.name, "partition": partition})
			}
			call("lag", group.report(behind))
		}
	}
}
