// interop reads and writes what Countersign does with Go's golang.org/x/mod/sumdb, which knows nothing of it.
//
//	interop log VKEY DIR [CHECKPOINT...]   check a directory of tiles, and older checkpoints against it
//	interop proof VKEY FILE...             check tlog-proofs by the entry that they carry
//	interop bundle VKEY DIR                check the leaves of an unpacked bundle's indexes by its checkpoint and tiles
//	interop sign KEYFILE NAME TEXT         sign a note with a seed in hex; print it, and its vkey on stderr
//	interop make KEYFILE NAME FROM DIR     make the tiles of the entries in FROM again, and a checkpoint
//	interop prove DIR INDEX                make a tlog-proof from a directory of tiles
//
// It exits 1, saying why, if something does not hold.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// path is where C2SP tlog-tiles has a tile: Go's own path without the height.
func path(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
}

// bundlePath is where the entries of a tile of level 0 are.
func bundlePath(t tlog.Tile) string {
	return "tile/entries/" + strings.TrimPrefix(t.Path(), "tile/8/0/")
}

// directory is a tlog.TileReader over files.
type directory string

func (d directory) Height() int                                { return height }
func (d directory) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := d.read(path(t), t, path)
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", path(t), len(data))
		}
		all = append(all, data[:t.W*tlog.HashSize])
	}
	return all, nil
}

// read takes the full tile where the partial one is gone.
func (d directory) read(name string, t tlog.Tile, where func(tlog.Tile) string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(d), name))
	if errors.Is(err, os.ErrNotExist) && t.W < 1<<height {
		t.W = 1 << height
		return os.ReadFile(filepath.Join(string(d), where(t)))
	}
	return data, err
}

// openCheckpoint checks a note and reads its text as a checkpoint.
func openCheckpoint(msg []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, origin, err := parseCheckpoint(n.Text)
	if err == nil && origin != verifier.Name() {
		err = fmt.Errorf("origin %q is not the key's name", origin)
	}
	return tree, err
}

func parseCheckpoint(text string) (tree tlog.Tree, origin string, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tree, "", errors.New("a checkpoint has three lines")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, "", errors.New("size of a checkpoint")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, lines[0], err
}

// entries reads all bundles of a directory.
func (d directory) entries(size int64) ([][]byte, error) {
	var all [][]byte
	for first := int64(0); first < size; first += 1 << height {
		t := tlog.Tile{H: height, L: 0, N: first >> height, W: 1 << height}
		if size-first < 1<<height {
			t.W = int(size - first)
		}
		data, err := d.read(bundlePath(t), t, bundlePath)
		if err != nil {
			return nil, err
		}
		for i := 0; i < t.W; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut short", bundlePath(t))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:end])
			data = data[end:]
		}
	}
	return all, nil
}

// checkEntries checks that each entry's hash is its leaf, and proves each.
func checkEntries(d directory, tree tlog.Tree, reader tlog.HashReader) error {
	entries, err := d.entries(tree.N)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		leaf := tlog.RecordHash(entry)
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(i))})
		if err != nil {
			return err
		}
		if hashes[0] != leaf {
			return fmt.Errorf("entry %d is not the leaf %d", i, i)
		}
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), leaf); err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
	}
	return nil
}

func checkLog(vkey string, d directory, older []string) error {
	msg, err := os.ReadFile(filepath.Join(string(d), "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(msg, vkey)
	if err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	reader := tlog.TileHashReader(tree, d)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("root of the tiles: %v", err)
	}
	if err := checkEntries(d, tree, reader); err != nil {
		return err
	}
	for _, file := range older {
		msg, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		old, err := openCheckpoint(msg, vkey)
		if err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
	}
	fmt.Printf("%d entries, %d older checkpoints\n", tree.N, len(older))
	return nil
}

// parseProof takes a tlog-proof apart.
func parseProof(data []byte) (index int64, path tlog.RecordProof, extra, msg []byte, err error) {
	bad := errors.New("malformed tlog-proof")
	head, msg, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, nil, nil, bad
	}
	lines = lines[1:]
	if text := strings.TrimPrefix(lines[0], "extra "); text != lines[0] {
		if extra, err = base64.StdEncoding.Strict().DecodeString(text); err != nil || len(lines) < 2 {
			return 0, nil, nil, nil, bad
		}
		lines = lines[1:]
	}
	text := strings.TrimPrefix(lines[0], "index ")
	index, err = strconv.ParseInt(text, 10, 64)
	if err != nil || "index "+strconv.FormatInt(index, 10) != lines[0] {
		return 0, nil, nil, nil, bad
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil || hash.String() != line { // loose bits
			return 0, nil, nil, nil, bad
		}
		path = append(path, hash)
	}
	return index, path, extra, msg, nil
}

func checkProof(vkey, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	index, path, extra, msg, err := parseProof(data)
	if err != nil {
		return err
	}
	if len(extra) < 2 || len(extra)-2 < int(binary.BigEndian.Uint16(extra)) {
		return errors.New("the proof carries no entry")
	}
	tree, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(extra[2 : 2+int(binary.BigEndian.Uint16(extra))])
	return tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf)
}

// signer is the key whose seed is in a file in hex, and its vkey.
func signer(file, name string) (note.Signer, string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, "", fmt.Errorf("%s: no seed in hex", file)
	}
	vkey, err := note.NewEd25519VerifierKey(name, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", err
	}
	id := strings.SplitN(vkey, "+", 3)[1]
	skey := "PRIVATE+KEY+" + name + "+" + id + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
	s, err := note.NewSigner(skey)
	return s, vkey, err
}

// stored is a tlog.HashReader over hashes in memory.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", i)
		}
		hashes = append(hashes, s[i])
	}
	return hashes, nil
}

func write(dir, name string, data []byte) error {
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o666)
}

func makeTiles(keyFile, name string, from directory, dir string) error {
	s, _, err := signer(keyFile, name)
	if err != nil {
		return err
	}
	msg, err := os.ReadFile(filepath.Join(string(from), "checkpoint"))
	if err != nil {
		return err
	}
	tree, _, err := parseCheckpoint(string(msg[:bytes.LastIndex(msg, []byte("\n\n"))+1]))
	if err != nil {
		return err
	}
	entries, err := from.entries(tree.N)
	if err != nil {
		return err
	}
	var hashes stored
	for i, entry := range entries {
		more, err := tlog.StoredHashes(int64(i), entry, hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, more...)
	}
	for _, t := range tlog.NewTiles(height, 0, tree.N) {
		if t.W < 1<<height && int64(t.W) != tree.N>>(height*t.L)-t.N<<height {
			continue // of an older size
		}
		data, err := tlog.ReadTileData(t, hashes)
		if err != nil {
			return err
		}
		if err := write(dir, path(t), data); err != nil {
			return err
		}
		if t.L > 0 {
			continue
		}
		var bundle []byte
		for _, entry := range entries[t.N<<height : t.N<<height+int64(t.W)] {
			bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
		}
		if err := write(dir, bundlePath(t), bundle); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%v\n", name, tree.N, root)}, s)
	if err != nil {
		return err
	}
	return write(dir, "checkpoint", signed)
}

func prove(d directory, index int64) error {
	msg, err := os.ReadFile(filepath.Join(string(d), "checkpoint"))
	if err != nil {
		return err
	}
	tree, _, err := parseCheckpoint(string(msg[:bytes.LastIndex(msg, []byte("\n\n"))+1]))
	if err != nil {
		return err
	}
	path, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, d))
	if err != nil {
		return err
	}
	fmt.Printf("c2sp.org/tlog-proof@v1\nindex %d\n", index)
	for _, hash := range path {
		fmt.Println(hash)
	}
	fmt.Printf("\n%s", msg)
	return nil
}

func sign(keyFile, name, text string) error {
	s, vkey, err := signer(keyFile, name)
	if err != nil {
		return err
	}
	msg, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, vkey)
	fmt.Print(string(msg))
	return nil
}

// checkBundle looks up every leaf hash that the indexes in streams/ have, in the tiles that are there.
func checkBundle(vkey, dir string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, directory(dir))
	files, err := filepath.Glob(filepath.Join(dir, "streams/*/*.index"))
	if err != nil {
		return err
	}
	count := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			fields := strings.Fields(line)
			seq, err := strconv.ParseInt(fields[0], 10, 64)
			if err != nil {
				return err
			}
			hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, seq)})
			if err != nil {
				return fmt.Errorf("%s: entry %d: %v", file, seq, err)
			}
			if hex.EncodeToString(hashes[0][:]) != fields[2] {
				return fmt.Errorf("%s: entry %d has another leaf hash", file, seq)
			}
			count++
		}
	}
	fmt.Printf("%d leaves\n", count)
	return nil
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "bundle":
		return checkBundle(args[1], args[2])
	case len(args) >= 3 && args[0] == "log":
		return checkLog(args[1], directory(args[2]), args[3:])
	case len(args) >= 3 && args[0] == "proof":
		for _, file := range args[2:] {
			if err := checkProof(args[1], file); err != nil {
				return fmt.Errorf("%s: %v", file, err)
			}
		}
		return nil
	case len(args) == 4 && args[0] == "sign":
		return sign(args[1], args[2], args[3])
	case len(args) == 5 && args[0] == "make":
		return makeTiles(args[1], args[2], directory(args[3]), args[4])
	case len(args) == 3 && args[0] == "prove":
		index, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return err
		}
		return prove(directory(args[1]), index)
	}
	fmt.Fprintln(os.Stderr, "interop: see the top of interop.go for how it is used")
	os.Exit(2)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
