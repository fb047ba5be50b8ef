// Package kit is what modules/reference/contract.md asks of every program, for Go.
package kit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"
)

// Brokers are the addresses to begin with.
func Brokers() []string { return strings.Split(env("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"), ",") }

// Topic is the real name of a topic.
func Topic(name string) string { return env("KAFKA_TOPIC_"+variable(name), name) }

// Group is the real name of a consumer group.
func Group(name string) string { return env("KAFKA_GROUP_"+variable(name), name) }

// Folder is where files go.
func Folder() string { return env("KAFKACOURSE_FOLDER", ".") }

// Role is which of several processes this one is.
func Role() string { return env("KAFKACOURSE_ROLE", "me") }

// Mode is in which of the ways that its exercise knows the program is to work.
func Mode() string { return os.Getenv("KAFKACOURSE_MODE") }

// ConsumerProtocol says whether the groups of KIP-848 are asked for.
func ConsumerProtocol() bool { return os.Getenv("GROUP_PROTOCOL") == "consumer" }

// UntilStopped is done when the program is asked to stop.
func UntilStopped() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
}

func env(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func variable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToUpper(r)
		}
		return '_'
	}, name)
}

// Order is a line of the input, the field that is its key, and in ex15 its id.
type Order struct {
	Customer string
	Payment  string
	JSON     []byte
}

// Orders reads the input.
func Orders() ([]Order, error) {
	file, err := os.Open(os.Getenv("KAFKACOURSE_INPUT"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var orders []Order
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := append([]byte(nil), lines.Bytes()...)
		var fields struct {
			Customer string `json:"customer_id"`
			Payment  string `json:"payment_id"`
		}
		if err := json.Unmarshal(line, &fields); err != nil {
			return nil, err
		}
		orders = append(orders, Order{fields.Customer, fields.Payment, line})
	}
	return orders, lines.Err()
}

// Report is what ex1 hands in.
type Report struct {
	Delivered  int            `json:"delivered"`
	Failed     int            `json:"failed"`
	Partitions map[string]int `json:"partitions"`
}

// Count takes the outcome of one record.
func (r *Report) Count(partition int32, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "not delivered:", err)
		r.Failed++
		return
	}
	if r.Partitions == nil {
		r.Partitions = map[string]int{}
	}
	r.Delivered++
	r.Partitions[fmt.Sprint(partition)]++
}

// HandIn calls the outside world, and ends the program as the contract says.
func (r *Report) HandIn() {
	world, err := Connect()
	if err == nil {
		err = world.Call("report", r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || r.Failed > 0 {
		os.Exit(1)
	}
}

// Refused means: the outside world answered, and the answer was no.
type Refused struct{ Reason string }

func (r Refused) Error() string { return r.Reason }

// Downstream is the connection to the outside world.
type Downstream struct {
	conn  net.Conn
	lines *bufio.Reader
}

// Connect opens it; without an address, calls are printed and succeed.
func Connect() (*Downstream, error) {
	address := os.Getenv("KAFKACOURSE_DOWNSTREAM")
	if address == "" {
		return &Downstream{}, nil
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &Downstream{conn, bufio.NewReader(conn)}, nil
}

// Call returns when the work is done. One call at a time.
func (d *Downstream) Call(op string, args any) error {
	_, err := d.Ask(op, args)
	return err
}

// Ask is a Call that wants to know something.
func (d *Downstream) Ask(op string, args any) (json.RawMessage, error) {
	line, err := json.Marshal(map[string]any{"op": op, "args": args})
	if err != nil {
		return nil, err
	}
	if d.conn == nil {
		fmt.Println(string(line))
		return json.RawMessage("null"), nil
	}
	if _, err := d.conn.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	said, err := d.lines.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var answer struct {
		OK    bool            `json:"ok"`
		Value json.RawMessage `json:"value"`
		Error string          `json:"error"`
	}
	if err := json.Unmarshal(said, &answer); err != nil {
		return nil, err
	}
	if !answer.OK {
		return nil, Refused{answer.Error}
	}
	return answer.Value, nil
}
