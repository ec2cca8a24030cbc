// Package plugins keeps the configuration of plugins and leaves out what runs them: a Go and a WebAssembly interpreter.
package plugins

import (
	"context"
	"fmt"
	"net/http"

	"github.com/traefik/traefik/v3/pkg/provider"
)

// Constructor creates a plugin handler.
type Constructor func(context.Context, http.Handler) (http.Handler, error)

// Builder builds no plugin.
type Builder struct{}

// NewBuilder refuses whatever is configured.
func NewBuilder(_ *Manager, plugins map[string]Descriptor, localPlugins map[string]LocalDescriptor) (*Builder, error) {
	if len(plugins)+len(localPlugins) > 0 {
		return nil, fmt.Errorf("this build runs no plugins: %d are configured", len(plugins)+len(localPlugins))
	}
	return &Builder{}, nil
}

// Build knows no middleware.
func (b Builder) Build(name string, _ map[string]any, _ string) (Constructor, error) {
	return nil, fmt.Errorf("this build runs no plugins: %s", name)
}

// BuildProvider knows no provider.
func (b Builder) BuildProvider(name string, _ map[string]any) (provider.Provider, error) {
	return nil, fmt.Errorf("this build runs no plugins: %s", name)
}
