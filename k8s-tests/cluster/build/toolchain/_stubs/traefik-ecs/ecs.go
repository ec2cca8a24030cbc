// Package ecs takes the place of the provider for AWS ECS: the SDK's EC2 package alone compiles for a minute.
package ecs

import (
	"errors"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/safe"
)

// Provider is named in Traefik's static configuration.
type Provider struct{}

// SetDefaults has none to set.
func (p *Provider) SetDefaults() {}

// Init refuses: whoever configured the provider should hear of it.
func (p *Provider) Init() error {
	return errors.New("this build has no AWS ECS provider")
}

// Provide is never reached.
func (p *Provider) Provide(chan<- dynamic.Message, *safe.Pool) error {
	return p.Init()
}
